"""Who somebody is here: signing in, browser sessions, people and staff, and two rows of one person made one."""
