# %% [markdown]
# # 1. 环境
#
# 要学东西，得先跑起来。在这里放弃的初学者，比被公式吓退的多得多；而麻烦大多就是那么几种版本冲突，看着吓人，一条命令
# 就能修好。这一章帮你把环境装好，把每种冲突和它的解法演示一遍，并启动你的第一次训练，这样到第 13 章需要的时候，你自
# 己的模型就准备好了。
#
# ## 安装
#
# 只需要 Python 3.10 或更新版本，不要 GPU，不要账号。在终端里，进入本项目的文件夹：
#
#     python start.py            # 安装，训练十分钟，打开聊天
#     python start.py doctor     # 检查这台机器，说出哪里不对、怎么修
#
# （Linux 和 macOS 上命令可能是 `python3`，Windows 上是 `py`。）第一条命令会把你的模型放在
# `runs/quickstart-transformer`。让它跑着，你接着读。书里写 `chatzero 某词` 的地方，用 `python start.py 某词` 效果相
# 同。
#
# 要运行本书的单元，用 VS Code（装好 Python 和 Jupyter 扩展）或 PyCharm 打开文件，解释器选 `.venv` 里的那个。也可以
# 在终端里整章运行：
#
#     .venv/bin/python tutorial/zh/01_environment.py          # Windows: .venv\Scripts\python
#
# ## 什么是虚拟环境？
#
# `.venv` 是一个文件夹，里面有自己的 Python 和自己的库。这样两个项目可以各用各的版本，互不打架；删掉文件夹，一切复原。
# 最常见的错误，是用的 Python 不是自己以为的那个。所以先看一眼：

# %%
import sys

import torch

print(sys.version.split()[0], sys.executable)
print(torch.__version__, torch.get_num_threads())

# %% [markdown]
# 如果路径不在 `.venv` 里，就换一个解释器。（在终端里：Linux 和 macOS 用 `which python`，Windows 用 `where python`。）
#
# ## 医生看到什么
#
# `chatzero doctor` 收集事实，再作判断。在 Python 里也能做：

# %%
from pathlib import Path

from chatzero.doctor.checks import check, short_report
from chatzero.doctor.facts import Facts

for finding in short_report(Path()):
    print(f"{finding.verdict:5} {finding.name:20} {finding.found}")

# %% [markdown]
# ## 几种经典冲突
#
# 医生的判断部分是一个只取决于事实的纯函数，所以可以拿各种“病”机器给它看，而不用弄坏你的。每一种都会打印出发现了什么，
# 以及修好它的命令。
#
# **1. Python 太旧。** 表现为：某个库里报 `SyntaxError`，或者 pip 说 “no matching distribution”。

# %%
from dataclasses import replace

from chatzero.doctor.torch_facts import TorchFacts
from chatzero.setup.driver import Driver, Gpu

A_CARD = Gpu("a card", (8, 6))
OURS = {"chatzero": ("torch>=2.10",)}
HEALTHY = Facts(packages={"torch": "2.13.0"}, requirements=OURS, torch=TorchFacts("2.13.0"), compiler="cc")


def show(facts):
    troubled = [finding for finding in check(facts) if finding.verdict != "ok"]
    for finding in troubled:
        print(f"{finding.verdict:5} {finding.name}: {finding.found}")
        print(f"      -> {finding.mend}")
    return {finding.name for finding in troubled}


assert show(HEALTHY) == set()
assert "Python" in show(replace(HEALTHY, python=(3, 8, 10)))

# %% [markdown]
# **2. numpy 2 配旧的 PyTorch。** 表现为：“A module that was compiled using NumPy 1.x cannot be run in NumPy 2”，或
# 者 `RuntimeError: Numpy is not available`。两者在机器码层面相连，总有一个得换版本。

# %%
names = show(replace(HEALTHY, packages={"torch": "2.1.2", "numpy": "2.2.0"}))
assert "PyTorch" in names

# %% [markdown]
# **3. transformers 与 tokenizers 年代不同。** 表现为：
# `ImportError: tokenizers>=0.22,<=0.23 is required for a normal functioning of this module`，或者对某个模型名报
# `KeyError`。每一版 `transformers` 只接受很窄的一段 `tokenizers`；两个要一起装，不要单装一个。

# %%
quarrel = replace(
    HEALTHY,
    packages={"torch": "2.13.0", "transformers": "4.57.1", "tokenizers": "0.15.0"},
    requirements=OURS | {"transformers": ("tokenizers<=0.23.0,>=0.22.0",)},
)
assert "tokenizers" in show(quarrel)

# %% [markdown]
# **4. 有 GPU，装的却是 CPU 版 PyTorch。** 表现为：`nvidia-smi` 列得出显卡，`torch.cuda.is_available()` 却是 False，
# 或者报 `Torch not compiled with CUDA enabled`。可能是直接 `pip install torch` 装错了版本，也可能是别的包顺手换掉了
# torch。

# %%
names = show(replace(HEALTHY, driver=Driver(cuda=(13, 0), gpus=(A_CARD,)), torch=TorchFacts("2.13.0", cuda_build=None)))
assert names

# %% [markdown]
# **5. PyTorch 比驱动新。** 表现为：“The NVIDIA driver on your system is too old”，或者
# `no kernel image is available for execution on the device`。驱动决定了最新能跑到哪一代 CUDA；要么装不超过它的版本，
# 要么更新驱动。`nvidia-smi` 里显示的 “CUDA Version” 就是这个上限；不需要另装 CUDA 工具包。

# %%
names = show(
    replace(HEALTHY, driver=Driver(cuda=(12, 6), gpus=(A_CARD,)), torch=TorchFacts("2.13.0", cuda_build="13.0"))
)
assert names

# %% [markdown]
# **6. 内存不够，磁盘满了。** 表现为：只有一个 `Killed`（Linux 直接结束了进程），或者训练一小时之后报
# `No space left on device`。

# %%
names = show(replace(HEALTHY, memory_bytes=2 * 1024**3, free_memory_bytes=200 * 1024**2, disk_free_bytes=10**7))
assert len(names) >= 2

# %% [markdown]
# **7. 下载很慢或被拦住。** 表现为：`ReadTimeoutError`、`Could not fetch URL`、`SSLError`。指定一次离你近的镜像，pip
# 以后都会用它：
#
#     pip config set global.index-url 地址
#
# PyTorch 自己的索引则用 `CHATZERO_TORCH_INDEX` 指定镜像。
#
# **8. Windows 上乱码。** 表现为：`UnicodeEncodeError: 'gbk' codec can't encode character`，或者中文变成问号。控制台
# 用的是旧编码。ChatZero 会自己切换；对其他程序，设置 `PYTHONUTF8=1`。
#
# 什么都不管用时：删掉 `.venv` 文件夹，再运行一次 `python start.py`。这不丢人，只要几分钟，里面也没有你的东西。
#
# ## 算得对吗，快不快？
#
# 最后看一眼：算得对不对？这台机器一秒能做多少次运算？一次乘法或加法叫一个 *FLOP*；第 18 章会用这个数算出训练一个模
# 型要多久。

# %%
import time

side = 1024  # quick: 128
a, b = torch.randn(2, side, side)
torch.testing.assert_close(a @ b, (a.double() @ b.double()).float(), rtol=1e-3, atol=1e-3)
started = time.perf_counter()
for _ in range(10):
    a @ b
seconds = (time.perf_counter() - started) / 10
print(f"{2 * side**3 / seconds / 1e9:.0f} GFLOP/s")

# %% [markdown]
# ## 练习
#
# 1. 写出 `same_python()`：正在运行的解释器是不是虚拟环境里的？（在任何虚拟环境里，`sys.prefix` 和 `sys.base_prefix`
#    都不相同。）
# 2. 驱动能跑大版本号与自己相同或更旧的 CUDA 版本（12.4 的驱动能跑 12.6 的版本，跑不了 13.0 的）。写出
#    `newest_cuda(driver)`：在 (12, 6)、(13, 0)、(13, 2) 里，`driver`（比如 (12, 4)）能跑的最新一个；没有就返回 None。
# 3. 造一个同时有两处毛病的 `Facts`，在医生的表里把两处都找出来。


# %%
def same_python():
    return sys.prefix != sys.base_prefix


def newest_cuda(driver):
    fitting = [build for build in ((12, 6), (13, 0), (13, 2)) if build[0] <= driver[0]]
    return max(fitting, default=None)


print(same_python(), newest_cuda((12, 4)))
assert newest_cuda((12, 4)) == (12, 6)
assert newest_cuda((11, 8)) is None
assert {"Python", "PyTorch"} <= show(replace(HEALTHY, python=(3, 9, 0), packages={"torch": None}))

# %% [markdown]
# 版本要逐个数字比，不能当文字比：按文字，“2.10” 比 “2.9” 小。这一点也弄坏过不少安装。
#
# ## 检查自己


# %%
def check_newest_cuda(mine):
    from chatzero.doctor.check_devices import driver_runs

    for driver in ((11, 8), (12, 6), (12, 9), (13, 0), (13, 1), (13, 2), (14, 0)):
        runs = [b for b in ("12.6", "13.0", "13.2") if driver_runs(Driver(cuda=driver, gpus=()), b)]
        wanted = tuple(map(int, runs[-1].split("."))) if runs else None
        assert mine(driver) == wanted, (driver, mine(driver), wanted)
    print("✓", mine.__name__)


check_newest_cuda(newest_cuda)
