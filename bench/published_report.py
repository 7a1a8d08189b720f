"""The table of bench/published for a terminal, and bench/VALIDATION.md."""


def by_id(book):
    return {row["id"]: row for row in book["rows"]}


def ratio(row, book, results):
    """(published, simulated) ratio to the row it is compared with, or None."""
    other = row.get("ratio_to")
    if other is None or other not in results or row["id"] not in results:
        return None
    published = row["published"] / by_id(book)[other]["published"]
    return published, results[row["id"]]["simulated"] / results[other]["simulated"]


def verdict(row, book, results):
    """What the row's comparison says: within or outside its band."""
    low, high = row["accept"]
    pair = ratio(row, book, results)
    if row["published"] == 0:
        return "within" if results[row["id"]]["simulated"] == 0 else "OUTSIDE"
    off = pair[1] / pair[0] if pair else results[row["id"]]["simulated"] / row["published"]
    return "within" if low <= off <= high else "OUTSIDE"


def error(published, simulated):
    if published == 0:
        return "exact" if simulated == 0 else "not 0"
    return f"{100 * (simulated / published - 1):+.1f} %"


def number(value):
    """Counts as integers, measured figures with three decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


COLUMNS = ("what", "published", "simulated", "error", "ratio published", "ratio simulated", "error of ratio", "band", "status",
           "degrees of freedom")


def cells(row, book, results):
    simulated = results[row["id"]]["simulated"]
    pair = ratio(row, book, results)
    low, high = row["accept"]
    band = f"{100 * (low - 1):+.0f} to {100 * (high - 1):+.0f} %: {verdict(row, book, results)}"
    if row["published"] == 0:
        band = f"0: {verdict(row, book, results)}"
    if row["status"] != "predicted":
        band = "counts for nothing"
    return [row["what"], f"{number(row['published'])} {row['unit']}", f"{number(simulated)} {row['unit']}",
            error(row["published"], simulated),
            f"{pair[0]:.3f}" if pair else "", f"{pair[1]:.3f}" if pair else "", error(*pair) if pair else "",
            band, row["status"], str(row["freedom"])]


def text(book, rows, results):
    lines = []
    for section in book["sections"]:
        of_section = [row for row in rows if row["section"] == section["id"]]
        if not of_section:
            continue
        table = [list(COLUMNS)] + [cells(row, book, results) for row in of_section]
        used = [c for c in range(len(COLUMNS)) if any(line[c] for line in table[1:])]
        widths = [max(len(line[c]) for line in table) for c in used]
        lines += ["", section["title"], ""]
        lines += ["  ".join(line[c].ljust(w) for c, w in zip(used, widths)).rstrip() for line in table]
        for row in of_section:
            if "span" in results[row["id"]]:
                span = results[row["id"]]["span"]
                lines.append(f"{row['what']}: {number(span['all'][0])} to {number(span['all'][1])} {row['unit']} over all unknowns; "
                             + ", ".join(f"{name} {number(value)}" for name, value in span["routings"].items()))
    return "\n".join(lines[1:]) + "\n"


def markdown_table(table):
    used = [c for c in range(len(table[0])) if any(line[c] for line in table[1:])]
    rule = ["---"] * len(used)
    return ["| " + " | ".join(cells) + " |" for cells in [[line[c] for c in used] for line in table[:1]] + [rule] +
            [[line[c] for c in used] for line in table[1:]]]


def span_lines(rows, results):
    """One table for all rows of a section: unknown by unknown."""
    rows = [row for row in rows if "span" in results[row["id"]]]
    if not rows:
        return []
    table = [["value from no source, its span"] + [row["what"] for row in rows]]
    full = [row for row in rows if results[row["id"]]["span"]["unknowns"]]
    for key, ends in results[full[0]["id"]]["span"]["unknowns"].items() if full else ():
        line = [f"`{key}` " + " to ".join(ends)]
        for row in rows:
            values = results[row["id"]]["span"]["unknowns"].get(key, {})
            line.append(" to ".join(number(v) for v in values.values()))
        table.append(line)
    table.append(["all, at the ends that make it least and most"] +
                 [" to ".join(number(v) for v in results[row["id"]]["span"]["all"]) for row in rows])
    for routing in results[rows[0]["id"]]["span"]["routings"]:
        table.append([f"routing: {routing}"] + [number(results[row["id"]]["span"]["routings"][routing]) for row in rows])
    return [""] + markdown_table(table)


def curve_lines(curve, values):
    table = [[f"`{curve['key']}`"] + [title for _, title in curve["figures"]]]
    table += [[str(value)] + [number(v) for v in line] for value, line in zip(curve["values"], values)]
    return ["", f"### {curve['title']}", "", curve["text"], ""] + markdown_table(table)


TESTED = [
    ["rung", "against", "where"],
    ["cycles of processes and regions", "a max-plus oracle without coroutine or SystemC, exactly, on random regions",
     "`tests/timing/oracle_test`"],
    ["cycles of whole designs", "decoupled against lockstep: report, DRAM requests and memory, exactly, on random design points",
     "`tests/accelerator/differential`"],
    ["bits", "C simulation of the published sources, layers 0 and 1, every tensor that the design stores, exactly",
     "`tests/accelerator/published_test`"],
    ["DDR", "DRAMsim3 and Ramulator 2.1 on 16 request traces, within their spread", "`bench/ddr_table.py`"],
    ["an image", "published board latency, within 5 %", "the first row below"],
]


def page(book, results):
    lines = ["# Validation", "", "Written by `bench/published`; every simulated figure in it was printed by `m3sim run` in that run.",
             "*Predicted*: chosen without the figure. *Fitted*: to the figure, with as many degrees of freedom as stated; it counts "
             "for nothing.", ""]
    lines += ["## Ladder of trust", "", "Each rung rests on the one before.", ""] + markdown_table(TESTED)
    if "ladder" in results:
        lines += ["", "These ran with this page:", ""] + markdown_table([["rung", "against", "result"]] + results["ladder"])
    for section in book["sections"]:
        rows = [row for row in book["rows"] if row["section"] == section["id"] and row["id"] in results]
        lines += ["", f"## {section['title']}", ""] + section.get("text", [])
        lines += markdown_table([list(COLUMNS)] + [cells(row, book, results) for row in rows])
        lines += [""] + [f"* **{row['what']}**: {row['open']}" for row in rows if row.get("open")]
        lines += span_lines(rows, results)
        lines += ([""] + section["after"]) if "after" in section else []
        for curve in book.get("curves", []):
            if curve["section"] == section["id"] and curve["id"] in results.get("curves", {}):
                lines += curve_lines(curve, results["curves"][curve["id"]])
    return "\n".join(lines) + "\n"
