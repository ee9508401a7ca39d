"""Understanding the words that people use: lemmas, parts of compounds, folding, synonyms in fi, sv and en."""
