#!/usr/bin/env python3
"""Step times of losslab and of PyTorch on the ten workloads of `losslab bench`, side by side.

A step is loss, backward and an SGD update (momentum 0.9, rate 0.1). Both sides run alternately in processes of
their own; each round gives a ratio, PyTorch's median step over losslab's, and the median ratio of a workload is
reported with its spread. Before that both sides compute the loss of the same file, which must agree.

Needs PyTorch and NumPy; --compile also needs a C++ compiler. Exit codes: 0 fine, 1 the two sides disagree or a
side failed, 2 wrong use or no PyTorch.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Objectives and sizes come from `losslab bench --list --json`; how each loss is written in PyTorch stands below.
COMPILED = (2, 3, 7, 8)
AGREEMENT = 1e-4


# --- the PyTorch side -------------------------------------------------------------------------------------------


def losses(torch, features, weights, bias, labels):
    """The losses with losslab's default knobs, as functions without arguments."""
    functional = torch.nn.functional
    normalise = functional.normalize
    rows = features.shape[0]

    def softmax():
        return functional.cross_entropy(features @ weights.T + bias, labels)

    def arcface(scale=64.0, margin=0.5):
        cosines = normalise(features) @ normalise(weights).T
        target = cosines.gather(1, labels[:, None]).clamp(-1 + 1e-7, 1 - 1e-7)
        moved = cosines.scatter(1, labels[:, None], torch.cos(torch.acos(target) + margin))
        return functional.cross_entropy(scale * moved, labels)

    def supcon(temperature=0.1):
        unit = normalise(features)
        scores = unit @ unit.T / temperature
        own = torch.eye(rows, dtype=torch.bool)
        positive = (labels[:, None] == labels[None, :]) & ~own
        logs = scores - torch.logsumexp(scores.masked_fill(own, -math.inf), 1, keepdim=True)
        return -((logs * positive).sum(1) / positive.sum(1).clamp(min=1)).mean()

    def cacr(attract=1.0, repel=2.0):
        unit = normalise(features)
        costs = 2 - 2 * (unit @ unit.T)
        same = labels[:, None] == labels[None, :]
        positive, negative = same & ~torch.eye(rows, dtype=torch.bool), ~same
        near = torch.softmax((attract * costs).masked_fill(~positive, -math.inf), 1)
        far = torch.softmax((-repel * costs).masked_fill(~negative, -math.inf), 1)
        return ((near * costs).sum(1) - (far * costs).sum(1)).mean()

    def opl(gamma=0.5):
        unit = normalise(features)
        scores = unit @ unit.T
        same = labels[:, None] == labels[None, :]
        positive, negative = same & ~torch.eye(rows, dtype=torch.bool), ~same
        gathered = (positive * scores).sum() / (positive.sum() + 1e-6)
        return (1 - gathered) + gamma * ((negative * scores).sum() / (negative.sum() + 1e-6)).abs()

    def uniformity(t=2.0):
        return torch.pdist(normalise(features)).pow(2).mul(-t).exp().mean().log()

    return dict(softmax=softmax, arcface=arcface, supcon=supcon, cacr=cacr, opl=opl, uniformity=uniformity)


def name_of(workload):
    return workload["objective"].split("(")[0]


def torch_problem(workload, threads):
    """The loss of a workload and its parameters, at the start."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    rows, classes, dim = workload["n"], workload["c"], workload["d"]
    features = torch.randn(rows, dim, requires_grad=True)
    weights = torch.randn(classes, dim, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    labels = torch.arange(rows) % classes
    loss = losses(torch, features, weights, bias, labels)[name_of(workload)]
    parameters = {
        "softmax": [features, weights, bias],
        "arcface": [features, weights],
    }.get(name_of(workload), [features])
    arrays = dict(features=features, weights=weights, bias=bias, labels=labels)
    return torch, loss, parameters, arrays


def torch_child(task):
    """Runs in a process of its own: times steps, or writes a file and says its loss."""
    workload = task["workload"]
    torch, loss, parameters, arrays = torch_problem(workload, task["threads"])
    if "file" in task:
        import numpy

        # Arrays that the objective does not look at would only be noticed.
        wanted = {"softmax": ("features", "weights", "bias", "labels"), "arcface": ("features", "weights", "labels")}
        names = wanted.get(name_of(workload), ("features", "labels"))
        numpy.savez(task["file"], **{name: arrays[name].detach().numpy() for name in names})
        print(json.dumps({"loss": float(loss().detach())}))
        return 0
    if task["compile"]:
        loss = torch.compile(loss)
    optimiser = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss().backward()
        optimiser.step()

    for _ in range(3):
        step()
    seconds, end = [], time.perf_counter() + task["seconds"]
    while len(seconds) < 3 or (time.perf_counter() < end and len(seconds) < 100_000):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"median_s": statistics.median(seconds), "min_s": min(seconds), "steps": len(seconds)}))
    return 0


# --- running both sides -----------------------------------------------------------------------------------------


class Failure(Exception):
    """A side could not do its part: one sentence."""


def last_json(command, what, env=None):
    """Runs a command and reads the last line of its output as JSON."""
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing was said").splitlines()[-1]
        raise Failure(f"{what} ended with exit code {done.returncode}: {said}")
    return json.loads(lines[-1])


def torch_side(workload, options, **more):
    task = dict(workload=workload, threads=options.threads, seconds=options.seconds, compile=False) | more
    command = [sys.executable, os.path.abspath(__file__), "--child", json.dumps(task)]
    env = dict(os.environ, OMP_NUM_THREADS=str(options.threads), MKL_NUM_THREADS=str(options.threads))
    return last_json(command, f"PyTorch on workload {workload['workload']}", env)


def losslab_side(workload, options):
    words = ["bench", "--engine", "cpu", "--workload", str(workload["workload"]), "--json", "--no-limits"]
    words += ["--seconds", str(options.seconds), "--threads", str(options.threads)]
    row = last_json([options.losslab, *words], f"losslab on workload {workload['workload']}")["rows"][0]
    if "median_s" not in row:
        raise Failure(f"losslab on workload {workload['workload']} gave no time")
    return row


def agreement(workload, options, folder):
    """The loss of both sides on the same file, and their relative difference."""
    file = os.path.join(folder, f"{workload['workload']}.npz")
    theirs = torch_side(workload, options, file=file)["loss"]
    words = ["eval", "--objective", workload["objective"], "--features", file, "--engine", "cpu", "--json"]
    ours = last_json([options.losslab, *words], f"losslab eval on workload {workload['workload']}")["loss"]
    return {"pytorch": theirs, "losslab": ours, "difference": abs(ours - theirs) / max(abs(theirs), 1e-30)}


def compare(workload, options, folder):
    """One workload: agreement, then rounds that alternate."""
    result = dict(workload)
    result["loss"] = agreement(workload, options, folder)
    if not result["loss"]["difference"] <= AGREEMENT:
        raise Failure(
            f"workload {workload['workload']}: the losses differ, losslab {result['loss']['losslab']!r} and "
            f"PyTorch {result['loss']['pytorch']!r}"
        )
    compiled = options.compile and workload["workload"] in COMPILED
    rounds = []
    for number in range(options.rounds):
        one = {}
        # Who goes first changes from round to round, so that neither always meets the warmer machine.
        order = ["pytorch", "losslab"] if number % 2 == 0 else ["losslab", "pytorch"]
        for side in order + (["compiled"] if compiled else []):
            if side == "losslab":
                row = losslab_side(workload, options)
                one[side], result["gradient_error"] = row["median_s"], row["gradient_error"]
            else:
                one[side] = torch_side(workload, options, compile=side == "compiled")["median_s"]
        one["ratio"] = one["pytorch"] / one["losslab"]
        if compiled:
            one["compiled_ratio"] = one["compiled"] / one["losslab"]
        rounds.append(one)
    result["rounds"] = rounds
    for key in ("ratio", "compiled_ratio") if compiled else ("ratio",):
        values = [one[key] for one in rounds]
        result[key] = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return result


# --- printing ---------------------------------------------------------------------------------------------------


def milliseconds(seconds):
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def spread(ratio):
    return f"{ratio['median']:.2f} ({ratio['least']:.2f}–{ratio['most']:.2f})"


def head(compiled):
    words = ["#", "objective", "N", "C", "d", "losslab ms", "PyTorch ms", "ratio (least–most)"]
    if compiled:
        words += ["compiled ms", "ratio (least–most)"]
    rule = ["---:", "---", *["---:"] * (len(words) - 2)]
    return f"| {' | '.join(words)} |\n| {' | '.join(rule)} |"


def line(result, compiled):
    middle = lambda side: milliseconds(statistics.median(one[side] for one in result["rounds"]))
    cells = [str(result[key]) for key in ("workload", "objective", "n", "c", "d")]
    cells += [middle("losslab"), middle("pytorch"), spread(result["ratio"])]
    if compiled:
        there = "compiled_ratio" in result
        cells += [middle("compiled"), spread(result["compiled_ratio"])] if there else ["", ""]
    return f"| {' | '.join(cells)} |"


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


# --- the command ------------------------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    built = Path(__file__).resolve().parent.parent / "target" / "release" / "losslab"
    default = str(built) if built.exists() else shutil.which("losslab")
    parser.add_argument("--losslab", metavar="PATH", default=default, help="the program (default: the release build, or the one on the path)")
    parser.add_argument("--workload", metavar="K", type=int, action="append", help="only this one; may be given several times")
    parser.add_argument("--seconds", metavar="S", type=float, default=2.0, help="how long each side is timed in a round (default 2)")
    parser.add_argument("--rounds", metavar="R", type=int, default=3, help="rounds a workload (default 3)")
    parser.add_argument("--threads", metavar="T", type=int, default=2, help="threads of each side (default 2)")
    parser.add_argument("--compile", action="store_true", help=f"torch.compile too, on workloads {', '.join(map(str, COMPILED))}")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--child", metavar="TASK", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is None:
        if options.losslab is None:
            parser.error("there is no losslab: build it with cargo build --release, or give --losslab PATH")
        if not (options.seconds > 0 and options.rounds > 0 and options.threads > 0):
            parser.error("--seconds, --rounds and --threads must be above 0")
    return parser, options


def main():
    parser, options = arguments()
    if options.child is not None:
        return torch_child(json.loads(options.child))
    try:
        import numpy  # noqa: F401
        import torch
    except ImportError as error:
        print(f"compare_pytorch.py needs PyTorch and NumPy in this Python: {error}.", file=sys.stderr)
        return 2
    try:
        workloads = last_json([options.losslab, "bench", "--list", "--json"], "losslab bench --list")
    except (OSError, Failure, ValueError) as error:
        parser.error(f"{options.losslab} is no losslab that can be asked for its workloads: {error}")
    known = [workload["workload"] for workload in workloads]
    for number in options.workload or []:
        if number not in known:
            parser.error(f"there is no workload {number}: they are numbered {known[0]} to {known[-1]}")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    if load is not None and load > 0.3 * (os.cpu_count() or 1):
        # Threads that wait for each other suffer far more from company than threads that do not.
        print(f"compare_pytorch.py: other work goes on here (load {load:.1f}): ratios mean little.", file=sys.stderr)
    results, failures = [], []
    if not options.json:
        print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.rounds} rounds of {options.seconds:g} s\n")
        print(head(options.compile), flush=True)
    for workload in workloads:
        if options.workload and workload["workload"] not in options.workload:
            continue
        try:
            with tempfile.TemporaryDirectory() as folder:
                results.append(compare(workload, options, folder))
            if not options.json:
                print(line(results[-1], options.compile), flush=True)
        except Failure as failure:
            failures.append(str(failure))
            print(f"compare_pytorch.py: {failure}", file=sys.stderr)
    means = {
        key: geometric_mean([result[key]["median"] for result in results if key in result])
        for key in ("ratio", "compiled_ratio")
        if any(key in result for result in results)
    }
    if options.json:
        about = {"pytorch": torch.__version__, "threads": options.threads, "rounds": options.rounds, "seconds": options.seconds, "load_before": load}
        print(json.dumps(about | {"rows": results, "geometric_mean": means, "failures": failures}))
    elif means:
        print(f"\nGeometric mean of the ratios, PyTorch over losslab: {means['ratio']:.2f}", end="")
        print(f"; compiled {means['compiled_ratio']:.2f}" if "compiled_ratio" in means else "")
        worst = max(result["loss"]["difference"] for result in results)
        print(f"Both sides compute the same losses, to {worst:.0e} relative at worst.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
