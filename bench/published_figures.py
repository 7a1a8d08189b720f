"""Figures of a report of m3sim run, by the names that bench/published_rows.json uses."""

LINEAR = ("qkv", "projection", "mlp", "experts")
DENSE = ("qkv", "projection", "mlp")


def task(report):
    return report["tasks"][0]


def latency_ms(report):
    return task(report)["latency_ms"]


def cycles(report):
    return task(report)["cycles"]


def parts(report):
    return {part["part"]: part for part in task(report)["parts"]}


def attention_share(report):
    """QK and AV, percent of the image."""
    return 100 * task(report)["shares"]["qk_and_av"]


def linear_share(report):
    """QKV, projection, MLP and experts without the dense layers' exposed loads, percent."""
    by_name = parts(report)
    total = sum(by_name[name]["cycles"] for name in LINEAR)
    exposed = sum(by_name[name]["exposed_load_cycles"] for name in DENSE)
    return 100 * (total - exposed) / cycles(report)


def switch_cycles(report):
    """Cycles that the task switches of a sequence cost, all together."""
    return sum(change["extra_cycles"] for change in report["switches"])


def gate_ms(report):
    return parts(report)["gate"]["latency_ms"]


def experts_ms(report):
    return parts(report)["experts"]["latency_ms"]


def memory_mib(report):
    """On-chip weights and buffers in M3ViT's sense."""
    return report["memory_requirement"]["mib"]


def expert_visits(report):
    """Kernels of experts' first matrices: visits, and those for which the matrix was loaded."""
    names = [kernel["name"] for kernel in task(report)["kernels"] if ".experts." in kernel["name"]]
    return (sum(name.endswith(".fc1") for name in names),
            sum(name.endswith(".fc1.load") for name in names))


def expert_loads(report):
    return expert_visits(report)[1]


def expert_misses(report):
    """Share of the visits of experts for which the expert was loaded, percent."""
    visits, loads = expert_visits(report)
    return 100 * loads / visits


def power_w(report):
    return task(report)["power_w"]


def energy_j(report):
    return task(report)["energy_mj"]["total"] / 1000


def energy_low_j(report):
    return task(report)["energy_mj_band"]["low"] / 1000


def energy_high_j(report):
    return task(report)["energy_mj_band"]["high"] / 1000


def gmacs(report):
    return task(report)["work"]["macs"] / 1e9


def gflops(report):
    return task(report)["work"]["flops"] / 1e9


def dense_gmacs(report):
    """Of a dense model of the same size: every token through all experts."""
    return task(report)["work"]["dense_same_size"]["macs"] / 1e9


def share_of_dense(report):
    return 100 * task(report)["work"]["share_of_dense"]


def macs_per_cycle(report):
    return task(report)["work"]["macs"] / cycles(report)


def gops(report):
    return task(report)["achieved_gops"]


def gops_per_watt(report):
    return gops(report) / power_w(report)


FIGURES = [latency_ms, cycles, attention_share, linear_share, switch_cycles, gate_ms, experts_ms, memory_mib, expert_loads,
           expert_misses, power_w, energy_j, energy_low_j, energy_high_j, gmacs, gflops, dense_gmacs, share_of_dense,
           macs_per_cycle, gops, gops_per_watt]


class Unbalanced(Exception):
    """Parts of a report that do not make its whole."""


def require_balance(report):
    """Cycles of the parts make the image; energies of components make every total, those of kernels, time
    and DRAM the image's, those of images and one-time loads the run's (to the picojoule printed)."""
    def equal(what, whole, summands):
        summands = list(summands)
        if abs(whole - sum(summands)) > 1e-9 * (len(summands) + 1):
            raise Unbalanced(f"{what}: {sum(summands)} of {whole}")
    for image in report["tasks"]:
        energy = image["energy_mj"]
        equal("cycles of parts", image["cycles"], (part["cycles"] for part in image["parts"]))
        equal("energy of components", energy["total"], (value for name, value in energy.items() if name != "total"))
        always = [energy[name] for name in ("clock", "static", "ps", "dram")]
        equal("energy of kernels and time", energy["total"], [kernel["energy_mj"] for kernel in image["kernels"]] + always)
    for name, value in report["energy_mj"].items():
        equal(f"energy of images, {name}", value,
              [image["energy_mj"][name] for image in report["tasks"]] + [report["one_time"]["energy_mj"][name]])


def all_of(report):
    """Every figure that the report has; and resources.*, energy.* (mJ) and gmacs.* by their own names."""
    require_balance(report)
    figures = {}
    for figure in FIGURES:
        try:
            figures[figure.__name__] = figure(report)
        except (KeyError, ZeroDivisionError):  # a network without gate or experts
            continue
    for name in ("dsp", "bram18", "uram", "lut", "ff"):
        figures[f"resources.{name}"] = report["resources"][name]
    for item in report["resources"]["items"]:
        for name in ("dsp", "bram18"):
            figures[f"resources.{item['name']}.{name}"] = item[name]
    for component, mj in task(report)["energy_mj"].items():
        figures[f"energy.{component}"] = mj
    for part, macs in task(report)["macs_by_part"].items():
        figures[f"gmacs.{part}"] = macs / 1e9
    return figures
