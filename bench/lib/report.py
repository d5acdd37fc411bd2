"""From the lines of a run: medians, tables as Markdown, a chart as SVG."""

import json
import platform
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = (  # column, field, format
    ("delivered/s", "per_s", "{:,.0f}"),
    ("acked/s", "acked_per_s", "{:,.0f}"),
    ("acked p50 ms", "acked_p50_us", "ms"), ("acked p99 ms", "acked_p99_us", "ms"),
    ("delivered p50 ms", "delivered_p50_us", "ms"),
    ("delivered p99 ms", "delivered_p99_us", "ms"),
    ("server CPU s/100k", "server_cpu_s_100k", "{:.2f}"),
    ("client CPU s/100k", "client_cpu_s_100k", "{:.2f}"),
    ("server RssAnon MiB", "server_anon_mib", "{:.0f}"),
)
TITLES = {
    "peak": "Window 256: as fast as it goes",
    "w1": "One publisher, window 1",
    "half": "A steady rate",
    "lag": "The last subscriber takes nothing at first",
}


def machine(given, sizes):
    """The first line of a results file: what was measured, and where."""
    cpu = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
           if line.startswith("model name")]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT,
                            capture_output=True, text=True).stdout.strip()
    return {"about": True, "cpu": cpu[0] if cpu else platform.machine(), "cores": len(cpu),
            "kernel": platform.release(), "commit": commit, "repeats": given.repeats,
            "seconds": given.seconds, "bytes": sizes, "rate": given.rate,
            "subscribers": given.subscribers}


def read(files):
    """All lines of these files; a repeat is told apart by its file too."""
    lines = []
    for place, file in enumerate(files):
        for text in file.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            if "repeat" in line:
                line["repeat"] = (place, line["repeat"])
            lines.append(line)
    return lines


def brief(line):
    if "failed" in line:
        return f"{line['mode']:5} {line['system']:19} failed: {line['failed']}"
    wrong = " ".join(f"{what}={line[what]}" for what in ("missing", "doubled", "reordered")
                     if line[what])
    return (f"{line['mode']:5} {line['system']:19} {line['per_s']:>7.0f}/s  "
            f"acked {line['acked_p50_us'] / 1e3:.2f}/{line['acked_p99_us'] / 1e3:.2f} ms  "
            f"delivered {line['delivered_p50_us'] / 1e3:.2f}/{line['delivered_p99_us'] / 1e3:.2f}"
            f" ms  cpu {line['server_cpu_s_100k']:.2f}+{line['client_cpu_s_100k']:.2f}  "
            f"{line['server_anon_mib']:.0f} MiB  {wrong}{' ran out' if line['ran_out'] else ''}")


def of(lines, mode, system):
    return [line for line in lines if line.get("mode") == mode and line.get("system") == system]


def median(lines, field):
    return statistics.median(line[field] for line in lines)


def medians(lines, mode, systems):
    """system → {field: median}, or {"failed": why} when every repeat failed."""
    found = {}
    for system in systems:
        here = of(lines, mode, system)
        good = [line for line in here if "failed" not in line]
        if good:
            numbers = [key for key, value in good[0].items()
                       if isinstance(value, (int, float)) and not isinstance(value, bool)]
            found[system] = {key: median(good, key) for key in numbers}
            found[system]["repeats"] = len(good)
            for key in ("missing", "doubled", "reordered"):
                found[system][key] = max(line[key] for line in good)
        elif here:
            found[system] = {"failed": here[-1]["failed"]}
    return found


def ratios(lines, mode, system, field):
    """Kith's figure over this system's, repeat by repeat: its median."""
    kith = {line["repeat"]: line for line in of(lines, mode, "kith") if "failed" not in line}
    pairs = [kith[line["repeat"]][field] / line[field] for line in of(lines, mode, system)
             if "failed" not in line and line["repeat"] in kith and line[field]]
    return statistics.median(pairs) if pairs else None


def shown(value, how):
    return f"{value / 1e3:.2f}" if how == "ms" else how.format(value)


def table(lines, mode, systems):
    ratio_field = "acked_p50_us" if mode == "w1" else "per_s"
    ratio_name = "Kith's acked p50 ÷ its" if mode == "w1" else "Kith's rate ÷ its"
    heads = ["system", "on disk first", *(name for name, _, _ in FIGURES), "lost, twice, order",
             "repeats", ratio_name]
    rows = [heads, ["---"] * len(heads)]
    for system, figures in medians(lines, mode, systems).items():
        start = [system, systems[system][3]]
        if "failed" in figures:
            rows.append([*start, f"failed: {figures['failed']}", *[""] * (len(heads) - 3)])
            continue
        ratio = ratios(lines, mode, system, ratio_field)
        rows.append([*start, *(shown(figures[field], how) for _, field, how in FIGURES),
                     "{missing}, {doubled}, {reordered}".format(**figures),
                     str(figures["repeats"]),
                     f"{ratio:.2f}" if ratio else ""])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def tables(lines, systems):
    abouts = [line for line in lines if line.get("about")]
    about = abouts[-1]
    sizes = {mode: size for each in abouts for mode, size in each["bytes"].items()}
    out = [f"{about['cores']} × {about['cpu']}, Linux {about['kernel']}, commit "
           f"{about['commit']}; medians of interleaved repeats of {about['seconds']:g} s, ratios "
           "the median of each repeat's."]
    for mode, title in TITLES.items():
        if any(line.get("mode") == mode for line in lines):
            out += [f"\n**{title}** ({sizes[mode]} bytes a message)\n",
                    table(lines, mode, systems)]
    return "\n".join(out)


# ---- the chart --------------------------------------------------------------------------------

BAR, GAP, LEFT, WIDTH = 18, 6, 150, 420


def bars(title, rows, top, how):
    """One panel: a bar a system, the longest WIDTH wide. rows: (name, value, kith's own?)."""
    longest = max(value for _, value, _ in rows)
    out = [f'<text x="0" y="{top + 12}" class="t">{title}</text>']
    for place, (name, value, own) in enumerate(rows):
        y = top + 22 + place * (BAR + GAP)
        wide = max(1, value / longest * WIDTH)
        out.append(f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{name}</text>'
                   f'<rect x="{LEFT}" y="{y}" width="{wide:.1f}" height="{BAR}" '
                   f'class="{"k" if own else "o"}"/>'
                   f'<text x="{LEFT + wide + 6:.1f}" y="{y + 13}">{shown(value, how)}</text>')
    return "\n".join(out), top + 34 + len(rows) * (BAR + GAP)


def svg(panels, height, title, width=LEFT + WIDTH + 90):
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}" role="img" aria-label="{title}">
<style>text {{ font: 13px sans-serif; fill: #0b0c0c }} .t {{ font-weight: bold }}
.k {{ fill: #1d70b8 }} .o {{ fill: #b1b4b6 }}</style>
<rect width="100%" height="100%" fill="#fff"/>
{chr(10).join(panels)}
</svg>
"""


def chart(lines, systems):
    panels, top = [], 8
    for mode, field, title, how in (
            ("peak", "per_s", "Delivered to all, messages a second (window 256)", "{:,.0f}"),
            ("peak", "server_cpu_s_100k", "Server CPU seconds for 100,000 messages", "{:.2f}"),
            ("w1", "acked_p50_us", "Publish to acknowledged, ms at the median (window 1)", "ms"),
            ("half", "delivered_p99_us", "Publish to delivered, ms at the 99th percentile "
             "(a steady rate)", "ms")):
        rows = [(system, figures[field], system == "kith")
                for system, figures in medians(lines, mode, systems).items()
                if "failed" not in figures]
        if rows:
            panel, top = bars(title, rows, top, how)
            panels.append(panel)
    return svg(panels, top + 8, "Kith's broker beside others")
