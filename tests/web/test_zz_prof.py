import cProfile, pstats, time
from tests.web.test_authorisation import *
async def test_prof(stage):
    t=time.perf_counter()
    for _ in range(20): stage.rows.digest()
    print("digest", (time.perf_counter()-t)/20)
    for name in stage.rows._tables:
        from tests.tools.rows import _digest
        from psycopg import sql
        q=sql.SQL("select {}").format(_digest(name, stage.rows._tables[name])).as_string(stage.rows._connection)
        t=time.perf_counter(); stage.rows.one(q); d=time.perf_counter()-t
        if d>0.001: print(name, round(d*1000,2))
    rows={str(r):r for r in ROWS}
    for want in ("GET staff_case (patient)","GET home","GET my_window (patient)","POST appointment_do_cancel (patient)","GET own_log"):
        r=rows[want]
        p=cProfile.Profile(); t=time.perf_counter(); p.enable()
        for persona in PERSONAS: await stage.cell(r,persona)
        p.disable(); print(want,time.perf_counter()-t)
        if want in("GET my_window (patient)","GET staff_case (patient)"): pstats.Stats(p).sort_stats("cumtime").print_stats(45)
