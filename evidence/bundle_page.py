"""The page for people in a bundle: no script, no request to anywhere, every word of a server's shown as text."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from evidence.bundle_choice import Subject
from evidence.bundle_timeline import timeline
from evidence.bundle_words import summary
from evidence.citation import Cited, printable, sentence

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a1c1e;background:#fff}}
table{{border-collapse:collapse;font-size:14px;width:100%}}td,th{{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}}
td{{overflow-wrap:anywhere}}svg{{width:100%;height:auto}}.mark{{border:3px solid #b3261e;padding:.5rem 1rem;font-weight:bold}}code{{font-size:13px}}</style></head><body>
"""
_SIMULATED = '<p class="mark">Simulated: nothing in this bundle is about the real internet.</p>\n'


def page(subject: Subject, cited: Cited | None, shown: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    """Returns `index.html`; `shown` are verdict lines of both ends."""
    kind = "episode" if subject.episode else "measurement"
    name = escape(f"Evidence of {kind} {printable(subject.name)}")
    parts = [_HEAD.format(title=name), f"<h1>{name}</h1>\n", _SIMULATED if about["simulated"] else ""]
    if cited is not None:
        parts.append(f"<p>{escape(sentence(cited))}</p>\n")
    parts.append(f"<h2>Timeline</h2>\n{timeline(subject)}\n")
    parts.append(f"<h2>What is here</h2>\n<ul>{''.join(f'<li>{escape(each)}</li>' for each in summary(about))}</ul>\n")
    parts.append(_table(shown, about))
    parts.append(
        "<h2>How to check it</h2>\n<p>HOW-TO-VERIFY.md has the commands. What a signature, a hash and a fold show, "
    )
    parts.append("and what they cannot, stands there too.</p>\n</body></html>\n")
    return "".join(parts).encode("utf-8", "replace")


def _table(shown: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> str:
    head = "<tr><th>Started (UTC)</th><th>Verdict</th><th>Rule</th><th>Why</th><th>Measurement</th></tr>"
    rows = "".join(map(_row, shown))
    left = about["records"] - len(shown)
    note = (
        f"<p>The first and the last {len(shown) // 2}; verdicts.jsonl has all {about['records']}.</p>" if left else ""
    )
    return f"<h2>Looks</h2>\n<table>{head}{rows}</table>{note}\n"


def _row(line: Mapping[str, Any]) -> str:
    verdict = line["verdict"]
    said = " ".join(filter(None, [verdict["outcome"], verdict["mechanism"]]))
    why = " ".join(verdict["reasons"])
    cells = (line["started_at"], said, f"{verdict['rule']} ({verdict['ruleset']})", why)
    drawn = "".join(f"<td>{escape(_whole(each))}</td>" for each in cells)
    return f"<tr>{drawn}<td><code>{escape(line['measurement'])}</code></td></tr>\n"


def _whole(text: str) -> str:
    return " ".join(printable(text[at : at + 300]) for at in range(0, min(len(text), 3000), 300))
