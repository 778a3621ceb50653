"""Messages of `lingqu.engine`: what became of a job that did not finish."""

MESSAGES: dict[str, tuple[str, str]] = {
    "engine.timeout": (
        "stopped after {seconds:.1f} s, when its time was up",
        "运行 {seconds:.1f} 秒后时间用完，已停止",
    ),
    "engine.waited": (
        "not started: no worker was free within its {seconds:.1f} s",
        "未启动：{seconds:.1f} 秒内没有空闲的工作进程",
    ),
    "engine.memory": (
        "stopped at {used_mb:.0f} MB of memory; its limit is {limit_mb:.0f} MB",
        "内存用到 {used_mb:.0f} MB，超过 {limit_mb:.0f} MB 的上限，已停止",
    ),
    "engine.signal": (
        "its process was ended by {signal}{tail}",
        "进程被信号 {signal} 终止{tail}",
    ),
    "engine.exit": (
        "its process ended with exit code {code}{tail}",
        "进程以退出码 {code} 结束{tail}",
    ),
    "engine.no_worker": (
        "No worker process can start with {python!r}{tail}. Expected a Python that can import "
        "lingqu. Run `lingqu doctor`.",
        "用 {python!r} 无法启动工作进程{tail}。应为能导入 lingqu 的 Python。"
        "请运行 `lingqu doctor`。",
    ),
    "engine.closed": (
        "The engine is closed, so it takes no more jobs. Expected an open engine: make a new one.",
        "引擎已经关闭，不再接受任务。请新建一个引擎。",
    ),
}
