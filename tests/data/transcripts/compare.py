#!/usr/bin/env python3
"""Compare a replayed transcript with a recorded one.

usage: compare.py EXPECTED.json ACTUAL.json [--quiet]

EXPECTED is a vector file of this folder; ACTUAL is {"steps":[{"output":...}]} with one entry per step of
EXPECTED, in the same order (the process message, where there is one, is a step too). An output is either
{"__throw": "<text>"} (the module answered ok=false) or the usual Error | Output/Messages/Spawns/Assignments.

Prints one PASS/FAIL line per step, with the first difference after normalising. Exit code 1 on any failure,
2 on unusable input. Python 3.8+, standard library only.

Normalising (both sides alike):
 - only __throw, Error, Output, Messages, Spawns, Assignments are looked at (GasUsed, Memory, Patches... are
   ignored); a member that is null counts as absent;
 - tags after the fixed prefix (4 for messages, 7 for spawns, 0 when it is not there) are a multiset;
 - object member order is meaningless; a Data string that is a JSON object or array is compared member-order-free,
   with number literals kept as written;
 - 0x<hex> addresses after "table: ", "function: ", "thread: ", "userdata: " (or "builtin: ") become one mark;
 - the line number in `[string "NAME"]:N:` becomes a mark when NAME belongs to the runtime (it starts with a dot,
   or is json or ao); numbers of user chunks ("aos", load names) are kept.
Numbers compare by value (10 equals 10.0, as both come out of JSON), but true never equals 1.
"""

import json
import re
import sys

KEYS = ("__throw", "Error", "Output", "Messages", "Spawns", "Assignments")
ADDRESS = re.compile(r"\b((?:table|function|thread|userdata): (?:builtin: )?)(?:0x)?[0-9a-fA-F]{4,}")
LINE = re.compile(r'(\[string \\*"(?:\.[^"\\]*|json|ao)\\*"\]):\d+:')


def text(s):
    s = ADDRESS.sub(lambda m: m.group(1).replace("builtin: ", "") + "<addr>", s)
    return LINE.sub(r"\1:<line>:", s)


class Literal(str):
    """A JSON number literal kept as it was written."""


def canonical_json(s):
    t = s.strip()
    if t[:1] not in "{[" or not t:
        return s
    try:
        v = json.loads(t, parse_int=Literal, parse_float=Literal)
    except ValueError:
        return s

    def enc(x):
        if isinstance(x, Literal):
            return str(x)
        if isinstance(x, dict):
            return "{" + ",".join(json.dumps(k) + ":" + enc(x[k]) for k in sorted(x)) + "}"
        if isinstance(x, list):
            return "[" + ",".join(map(enc, x)) + "]"
        return json.dumps(x)

    return "json " + enc(v)


def prefix(tags):
    kind = tags[2].get("value") if len(tags) > 2 and isinstance(tags[2], dict) else None
    return {"Message": 4, "Process": 7}.get(kind, 0) if isinstance(kind, str) else 0


def walk(x, top=False):
    if isinstance(x, str):
        return text(x)
    if isinstance(x, list):
        return [walk(v) for v in x]
    if isinstance(x, dict):
        out = {}
        for k, v in x.items():
            if v is None:
                continue
            if k == "Data" and isinstance(v, str):
                v = canonical_json(v)
            v = walk(v)
            if k == "Tags" and isinstance(v, list):
                n = prefix(v)
                v = v[:n] + sorted(v[n:], key=lambda t: json.dumps(t, sort_keys=True))
            out[k] = v
        return out
    return x


def normal(output):
    if not isinstance(output, dict):
        return {"<not an object>": output}
    return walk({k: output[k] for k in KEYS if output.get(k) is not None})


def same_scalar(a, b):
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    return type(a) is type(b) and a == b


def show(x):
    s = json.dumps(x, ensure_ascii=True)
    return s if len(s) <= 300 else s[:300] + "... (%d characters)" % len(s)


def first_difference(want, got, at="output"):
    if isinstance(want, dict) and isinstance(got, dict):
        for k in sorted(set(want) | set(got)):
            if k not in got:
                return "%s.%s: missing; want %s" % (at, k, show(want[k]))
            if k not in want:
                return "%s.%s: not expected; got %s" % (at, k, show(got[k]))
            d = first_difference(want[k], got[k], "%s.%s" % (at, k))
            if d:
                return d
        return None
    if isinstance(want, list) and isinstance(got, list):
        for i in range(max(len(want), len(got))):
            if i >= len(got):
                return "%s[%d]: missing; want %s" % (at, i, show(want[i]))
            if i >= len(want):
                return "%s[%d]: not expected; got %s" % (at, i, show(got[i]))
            d = first_difference(want[i], got[i], "%s[%d]" % (at, i))
            if d:
                return d
        return None
    if isinstance(want, str) and isinstance(got, str) and want != got:
        i = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
        lo = max(0, i - 40) if len(want) > 200 or len(got) > 200 else 0
        return "%s: differs at character %d\n      want %s\n      got  %s" % (at, i, show(want[lo:]), show(got[lo:]))
    if isinstance(want, (dict, list)) or isinstance(got, (dict, list)) or not same_scalar(want, got):
        return "%s:\n      want %s\n      got  %s" % (at, show(want), show(got))
    return None


def main(argv):
    quiet = "--quiet" in argv
    paths = [a for a in argv if not a.startswith("--")]
    if len(paths) != 2:
        print(__doc__.strip().splitlines()[2], file=sys.stderr)
        return 2
    try:
        with open(paths[0], encoding="utf-8") as f:
            expected = json.load(f)
        with open(paths[1], encoding="utf-8") as f:
            actual = json.load(f)
        want_steps, got_steps = expected["steps"], actual["steps"]
    except (OSError, ValueError, KeyError, TypeError) as e:
        print("cannot read: %s" % e, file=sys.stderr)
        return 2
    bad = 0
    for i, step in enumerate(want_steps):
        label = step.get("label", "step %d" % i)
        if i >= len(got_steps) or not isinstance(got_steps[i], dict) or "output" not in got_steps[i]:
            d = "no output given"
        else:
            d = first_difference(normal(step["output"]), normal(got_steps[i]["output"]))
        if d:
            bad += 1
            print("FAIL %s: %s" % (label, d))
        elif not quiet:
            print("PASS %s" % label)
    if len(got_steps) > len(want_steps):
        bad += 1
        print("FAIL: %d more steps than expected" % (len(got_steps) - len(want_steps)))
    print(
        "%s %s: %d/%d steps"
        % (
            expected.get("name", "?"),
            expected.get("module", "?"),
            len(want_steps) - min(bad, len(want_steps)),
            len(want_steps),
        )
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
