"""The tables of bench/published for a terminal, and bench/VALIDATION.md."""


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


def band(row, book, results):
    if row["status"] != "predicted":
        return "counts for nothing"
    if "accept" not in row:
        return "none asked"
    if row["published"] == 0:
        return f"0: {verdict(row, book, results)}"
    low, high = (100 * (end - 1) for end in row["accept"])
    return f"{low:+.0f} to {high:+.0f} %: {verdict(row, book, results)}"


def error(published, simulated):
    if published == 0:
        return "exact" if simulated == 0 else "not 0"
    return f"{100 * (simulated / published - 1):+.1f} %"


def number(value):
    """Counts as integers, measured figures with three decimals."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


COLUMNS = ("what", "published", "simulated", "error", "ratio published", "ratio simulated", "error of ratio", "band", "status",
           "degrees of freedom")


def cells(row, book, results):
    simulated = results[row["id"]]["simulated"]
    pair = ratio(row, book, results)
    unit = f" {row['unit']}" if row["unit"] else ""
    return [row["what"], f"{number(row['published'])}{unit}", f"{number(simulated)}{unit}",
            error(row["published"], simulated),
            f"{pair[0]:.3f}" if pair else "", f"{pair[1]:.3f}" if pair else "", error(*pair) if pair else "",
            band(row, book, results), row["status"], str(row["freedom"])]


def used_columns(table):
    """`table`, a header and lines, without columns that are empty in every line."""
    used = [c for c in range(len(table[0])) if any(line[c] for line in table[1:])]
    return [[line[c] for c in used] for line in table]


def plain_table(table):
    table = used_columns(table)
    widths = [max(len(line[c]) for line in table) for c in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]


def markdown_table(table):
    table = used_columns(table)
    return ["| " + " | ".join(line) + " |" for line in table[:1] + [["---"] * len(table[0])] + table[1:]]


def table_lines(table, values):
    """A header and the lines of a table, texts."""
    return [[table["of"]] + [title for _, title in table["columns"]]] + [[number(value) for value in line] for line in values]


def ladder_lines(ladder):
    return [["rung", "against", "result", "command"]] + [
        [name, against, result, "`" + command.replace("|", "\\|") + "`"] for name, (against, result, command) in ladder.items()]


def time_of(run):
    if "minutes" in run:
        return (f"{run['simulations']} simulations, {run['side_by_side']} side by side, and the ladder took {run['minutes']} minutes; "
                f"the simulations' own times add up to {run['simulation_minutes']}.")
    return (f"{run['simulations']} simulations, in several goes on a 2-core machine that was busy with other work: their own times, "
            f"waiting included, add up to {run['simulation_minutes']} minutes.")


def text(book, rows, tables, results):
    lines = []
    for section in book["sections"]:
        of_section = [row for row in rows if row["section"] == section["id"]]
        its_tables = [table for table in tables if table["section"] == section["id"]]
        if of_section or its_tables:
            lines += ["", section["title"], ""]
        if of_section:
            lines += plain_table([list(COLUMNS)] + [cells(row, book, results) for row in of_section])
        for row in of_section:
            if "span" in results[row["id"]]:
                span = results[row["id"]]["span"]
                lines.append(f"{row['what']}: {number(span['all'][0])} to {number(span['all'][1])} {row['unit']} over all unknowns; "
                             + ", ".join(f"{name} {number(value)}" for name, value in span["routings"].items()))
        for table in its_tables:
            lines += ["", table["title"], ""] + plain_table(table_lines(table, results[table["id"]]))
    if "ladder" in results:
        lines += ["", "Ladder of trust", ""] + plain_table(ladder_lines(results["ladder"]))
    return "\n".join(lines[1:]) + "\n"


def span_lines(rows, results):
    """One table for all rows of a section: unknown by unknown."""
    rows = [row for row in rows if "span" in results[row["id"]]]
    if not rows:
        return []
    keys, routings = {}, {}
    for row in rows:
        span = results[row["id"]]["span"]
        keys.update({key: ends for key, ends in span["unknowns"].items() if key not in keys})
        routings.update(span["routings"])
    alone = lambda row: f" (each alone: {', '.join(f'{key}={value}' for key, value in row['probe'].items())})" if "probe" in row else ""
    table = [["value from no source, its span"] + [row["what"] + alone(row) for row in rows]]
    for key, ends in keys.items():
        line = [f"`{key}` " + " to ".join(ends)]
        for row in rows:
            line.append(" to ".join(number(v) for v in results[row["id"]]["span"]["unknowns"].get(key, {}).values()))
        table.append(line)
    table.append(["all, at the ends that make it least and most"] +
                 [" to ".join(number(v) for v in results[row["id"]]["span"]["all"]) for row in rows])
    for routing in routings:
        figures = (results[row["id"]]["span"]["routings"].get(routing) for row in rows)
        table.append([f"routing: {routing}"] + ["" if figure is None else number(figure) for figure in figures])
    return [""] + markdown_table(table)


def section_lines(section, book, results):
    rows = [row for row in book["rows"] if row["section"] == section["id"] and row["id"] in results]
    tables = [table for table in book["tables"] if table["section"] == section["id"] and table["id"] in results]
    if not rows and not tables:
        return []
    lines = ["", f"## {section['title']}", ""] + section.get("text", [])
    if rows:
        lines += markdown_table([list(COLUMNS)] + [cells(row, book, results) for row in rows])
        opened = [f"* **{row['what']}**: {row['open']}" for row in rows if row.get("open")]
        lines += ([""] + opened) if opened else []
    lines += span_lines(rows, results)
    lines += ([""] + section["after"]) if "after" in section else []
    for table in tables:
        lines += ["", f"### {table['title']}", "", table["text"], ""] + markdown_table(table_lines(table, results[table["id"]]))
        lines += (["", table["after"]]) if "after" in table else []
    return lines


def page(book, results):
    lines = ["# Validation", "", "Written by `bench/published`; every simulated figure was printed by `m3sim run`, every result of the "
             "ladder by the command beside it.",
             "*Predicted*: chosen without the figure. *Fitted*: to the figure, with as many degrees of freedom as stated; it counts "
             "for nothing. *Construction*: true whatever the model says.", ""]
    if results.get("run"):
        lines += [time_of(results["run"]), ""]
    lines += ["## Ladder of trust", "", "Each rung rests on those before; the last one is the first row of the next table.", ""]
    lines += markdown_table(ladder_lines(results.get("ladder", {})))
    for section in book["sections"]:
        lines += section_lines(section, book, results)
    kept = [line for line, before in zip(lines, [None] + lines) if line or before]  # no two empty lines
    return "\n".join(kept) + "\n"
