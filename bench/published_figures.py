"""Figures of a report of m3sim run, by the names that bench/published_rows.json uses."""

LINEAR = ("qkv", "projection", "mlp", "experts")
DENSE = ("qkv", "projection", "mlp")


def latency_ms(report):
    return report["tasks"][0]["latency_ms"]


def cycles(report):
    return report["tasks"][0]["cycles"]


def parts(report):
    return {part["part"]: part for part in report["tasks"][0]["parts"]}


def attention_share(report):
    """QK and AV, percent of the image."""
    return 100 * report["tasks"][0]["shares"]["qk_and_av"]


def linear_share(report):
    """QKV, projection, MLP and experts without the dense layers' exposed loads, percent."""
    by_name = parts(report)
    total = sum(by_name[name]["cycles"] for name in LINEAR)
    exposed = sum(by_name[name]["exposed_load_cycles"] for name in DENSE)
    return 100 * (total - exposed) / cycles(report)


def switch_cycles(report):
    """Cycles that the task switches of a sequence cost, all together."""
    return sum(change["extra_cycles"] for change in report["switches"])


def energy_j(report):
    return report["tasks"][0]["energy_mj"]["total"] / 1000


def gate_ms(report):
    return parts(report)["gate"]["latency_ms"]


def bram18(report):
    return report["resources"]["bram18"]


def dsp(report):
    return report["resources"]["dsp"]


def expert_misses(report):
    """Share of the visits of experts for which the expert was loaded, percent."""
    names = [kernel["name"] for kernel in report["tasks"][0]["kernels"] if ".experts." in kernel["name"]]
    visits = sum(name.endswith(".fc1") for name in names)
    return 100 * sum(name.endswith(".fc1.load") for name in names) / visits
