"""Random Jinja templates, rendered by jinja2 as Hugging Face does and by another program:
jinja2-templates.py COUNT SEED PROGRAM [ARGUMENT...]. See docs/recipes/compare-templates.md."""

import copy
import json
import random
import re
import signal
import subprocess
import sys

import jinja2
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

SHOWN = 10
VARIABLES = {
    "s": "aB c", "e": "", "u": "héllo wörld", "l": [3, 1, 2], "n": None, "d": {"a": 1, "b": [1, 2]}, "f": 2.5, "i": 7,
    "t": True, "m": [{"role": "user", "a": 1}, {"role": "tool", "a": 2, "b": None}], "g": 12345678901234567890,
}
FILTERS = """upper lower title trim length first last list join sort unique|list reverse|list min max sum int float abs
round string tojson items|list dictsort batch(2)|list slice(2,0)|list e safe capitalize wordcount urlencode select|list
map("string")|list map(attribute="a")|list map("upper")|list reject("none")|list selectattr("a")|list groupby("a")
rejectattr("b","defined")|list default("D") d("z",true) replace("a","1") indent(2) indent(1,true) truncate(3)
truncate(5,true,"") round(1,"ceil") round(1,"floor") join(",") sort(reverse=true) sort(attribute="a") center(9)
max(attribute="a") tojson(indent=1) trim("a") int(3) int(0,16) float(1.5) format(1) filesizeformat attr("a")
map(attribute="z",default=3)|list""".split()
METHODS = """upper() lower() split() split("a") rsplit(none,1) strip() items() keys()|list values()|list get("a")
get("z",1) replace("a","b") startswith("a") endswith("c",1) find("c") rfind("") join(l) join("xy") count("a") title()
splitlines() index("a") format(1) isdigit() isupper() istitle() rstrip("c") zfill(6) partition(" ") rpartition("a")
removeprefix("a") ljust(8) center(7,"*") swapcase() casefold() a b role zz append(1) expandtabs(3)""".split()
TESTS = """defined undefined none string number mapping sequence iterable boolean integer float odd even upper lower
callable true false escaped eq(1) ne("a") lt(2) in([1,2]) divisibleby(2) sameas(true) filter test""".split()
FORMATS = ["%s", "%d", "%5.1f", "%x", "%r", "%05d", "%-4s|", "%e", "%g", "%+d", "%.2s", "%#x", "%c", "%%"]
SPECS = ["", "d", "5", "<5", ">5", "^5", "*^7", "05", "+", ".2f", ",", "x", "#x", ".3", "e", "g", "%", "s", "_", "5.1f", "c"]
LITERALS = """1 0 -1 2.0 0.1 1e16 "ab" "2.5" "0x1f" "1_0" [] {} () (1,) [1,"a"] none true false range(3) 1e300 -3 "-5" "²"
"<b>"|safe {1:2,true:3} {1.0:"x"} undefined_name""".split()


class Templates:
    """What is asked: half of them expressions, half of them statements that set and read a few names."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def next(self):
        if self.random.random() < 0.5:
            return "{{ %s }}" % self.expression(self.random.randint(1, 3)), VARIABLES
        context = self.random.choice([{}, {"x": 7}, {"x": 1, "y": 2, "z": 3}])
        return "{% set ns = namespace(a=0) %}" + self.body(0, False, False) + self.body(0, False, False), context

    def expression(self, depth):
        pick, chance = self.random.choice, self.random.random()
        if depth == 0 or chance < 0.1:
            return pick(list(VARIABLES) + LITERALS)
        inner = "(%s)" % self.expression(depth - 1)
        if chance < 0.33:
            return "%s|%s" % (inner, pick(FILTERS))
        if chance < 0.52:
            return "%s.%s" % (inner, pick(METHODS))
        if chance < 0.58:
            # Of a variable: jinja2 folds constants, and a slice of a constant number is not an error.
            return "%s[%s]" % (pick(list(VARIABLES)), pick(["0", "-1", "1:", ":2", "::-1", "1:9:2", '"a"', "n", "f", "t", "l", "d"]))
        if chance < 0.62:
            return '"%s" %% %s' % (pick(FORMATS), inner)
        if chance < 0.66:
            return '"{:%s}".format(%s)' % (pick(SPECS), inner)
        if chance < 0.82:
            operator = pick("+ - * / // % ~ == != < <= > >= in and or".split() + ["not in"])
            return "%s %s (%s)" % (inner, operator, self.expression(depth - 1))
        if chance < 0.9:
            return "%s is %s" % (inner, pick(TESTS))
        if chance < 0.94:
            return "%s if (%s) else (%s)" % (inner, self.expression(depth - 1), self.expression(depth - 1))
        return pick(["not %s", "-%s", "[%s, 1]"]) % inner

    def value(self):
        pick, chance = self.random.choice, self.random.random()
        if chance < 0.6:
            return pick("xyz")
        if chance < 0.8:
            return pick(["0", "1", "2", "loop.index", "loop.last"])
        return pick(["(%s ~ 'a')", "(%s|default('D'))"]) % self.value()

    def body(self, depth, in_loop, in_macro):
        return "".join(self.statement(depth, in_loop, in_macro) for _ in range(self.random.randint(1, 4)))

    def statement(self, depth, in_loop, in_macro):
        pick, chance = self.random.choice, self.random.random()
        inner = lambda loop=in_loop, macro=in_macro: self.body(depth + 1, loop, macro)
        if depth > 3:
            chance *= 0.45
        if chance < 0.25:
            return "{{ %s }}," % self.value()
        if chance < 0.42:
            return "{%% set %s = %s %%}" % (pick("xyz"), self.value())
        if chance < 0.45:
            return pick(["{% set ns.a = " + self.value() + " %}", "{{ ns.a }};"])
        if chance < 0.58:
            test = pick(["", " if %s" % pick("xyz"), " if %s != 1" % pick("xyz"), " if ns.a != 2"])
            otherwise = "{% else %}" + inner() if self.random.random() < 0.2 else ""
            return "{%% for %s in [1,2,3]%s %%}%s%s{%% endfor %%}" % (pick("xyz"), test, inner(True), otherwise)
        if chance < 0.7:
            otherwise = pick(["", "{% else %}" + inner(), "{% elif x %}" + inner()])
            return "{%% if %s %%}%s%s{%% endif %%}" % (pick(["x", "y", "z", "true", "false"]), inner(), otherwise)
        if chance < 0.76:
            return "{%% with %s = %s %%}%s{%% endwith %%}" % (pick("xyz"), self.value(), inner())
        macro = "f%d" % self.random.randint(0, 2)
        if chance < 0.84:
            caller = pick(["", "{{ caller() if caller }}"])
            parameters = pick(["", "x", "x=1", "y=x", "x=x"])
            return "{%% macro %s(%s) %%}%s%s{%% endmacro %%}" % (macro, parameters, inner(False, True), caller)
        if in_macro:
            return "."
        if chance < 0.9:
            return "{{ %s() if %s is defined }}" % (macro, macro)
        if chance < 0.92:
            call = "{%% call %s() %%}%s{%% endcall %%}" % (macro, inner(False, True))
            return "{%% if %s is defined %%}%s{%% endif %%}" % (macro, call)
        if chance < 0.95:
            return "{%% filter upper %%}%s{%% endfilter %%}" % inner()
        if chance < 0.98 or not in_loop:
            return "{%% set %s %%}%s{%% endset %%}" % (pick("xyz"), inner())
        return "{%% if %s == 2 %%}{%% %s %%}{%% endif %%}" % (pick("xyz"), pick(["break", "continue"]))


def environment():
    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    env.filters["tojson"] = tojson
    return env


class TooLong(BaseException):
    pass


def too_long(*_):
    raise TooLong()


def python(env, template, context):
    """The text, None for an error, or "…" where there is no answer to compare."""
    signal.alarm(5)
    try:
        text = env.from_string(template).render(**copy.deepcopy(context))
        return "…" if re.search(r"object at 0x|<function|<built-in|<generator|<bound|\bcycler\b", text) else text
    except (TooLong, MemoryError, RecursionError):
        return "…"
    except Exception:  # whatever a template provokes
        return None
    finally:
        signal.alarm(0)


def main():
    count, seed, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    templates = Templates(seed)
    asked = [templates.next() for _ in range(count)]
    lines = "".join(json.dumps({"template": t, "context": c}) + "\n" for t, c in asked)
    answers = subprocess.run(program, input=lines, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
    answers = [json.loads(line) for line in answers.split("\n")[:-1]]
    if len(answers) != count:
        sys.exit("%d answers to %d templates" % (len(answers), count))
    signal.signal(signal.SIGALRM, too_long)
    env, different, failed, skipped = environment(), 0, 0, 0
    for (template, context), ours in zip(asked, answers):
        theirs = python(env, template, context)
        skipped += theirs == "…"
        failed += theirs is None
        if theirs == "…" or ("fault" not in ours and theirs == ours.get("text")):
            continue
        different += 1
        if different <= SHOWN:
            print("%s\n  ours   %s\n  jinja2 %s" % (template, ours, "an error" if theirs is None else repr(theirs)))
    print("jinja2 %s, seed %d: %d templates, %d of them errors in both or one, %d not compared, %d different"
          % (jinja2.__version__, seed, count, failed, skipped, different))
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
