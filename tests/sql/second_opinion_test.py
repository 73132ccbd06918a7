"""A second opinion on Athena's dialect: the statements of athena_*.txt, translated to DuckDB's SQL by sqlglot.

sqlglot has an opinion where DuckDB runs what it makes of a statement. Where the value is another one than ours,
Trino's documentation decides, and second_opinion.txt says why sqlglot's is not it; a difference that is not
there fails, and so does one that is there and is none any more. Each column of a statement without FROM is a
question of its own."""

import collections
import datetime
import logging
import math
import pathlib
import re
import unittest

import duckdb
import sqlglot

HERE = pathlib.Path(__file__).resolve().parent
# Statements that are refused, and those that never reach DuckDB.
WITHOUT_VALUES = {"athena_errors", "athena_statements"}
# A number by itself; sqlglot's may have another scale.
NUMBER = re.compile(r"(?<![\w.:+-])-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:-])")


def statements(path):
    """(statement, lines that it prints) of a file that sql_text_test reads."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith(("#", "dialect:"))]
        asked = [line[2:] for line in lines if line.startswith("> ")]
        if len(asked) == 1:
            yield asked[0], lines[1:]


def known_differences():
    """What may differ, as patterns by their names: … stands for anything."""
    lines = (HERE / "second_opinion.txt").read_text(encoding="utf-8").splitlines()
    names = [line[2:] for line in lines if line.startswith("> ")]
    return {name: re.compile(".*".join(map(re.escape, name.split("…"))), re.DOTALL) for name in names}


def athena_text(value, is_inner=False):
    """A value of DuckDB as Athena prints it."""
    match value:
        case None:
            return "null" if is_inner else "NULL"
        case bool():
            return str(value).lower()
        case float():
            return "Infinity" if value == math.inf else "-Infinity" if value == -math.inf else repr(value)
        case datetime.datetime():
            text = value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03}"
            return text + " UTC" if value.tzinfo else text
        case datetime.time():
            return value.strftime("%H:%M:%S.") + f"{value.microsecond // 1000:03}"
        case datetime.timedelta():
            milliseconds = round(value.total_seconds() * 1000)
            sign, left = "-" if milliseconds < 0 else "", abs(milliseconds)
            return (f"{sign}{left // 86_400_000} {left // 3_600_000 % 24:02}:{left // 60_000 % 60:02}:"
                    f"{left // 1000 % 60:02}.{left % 1000:03}")
        case bytes():
            return value.hex(" ")
        case list() | tuple():
            return "[" + ", ".join(athena_text(each, True) for each in value) + "]"
        case dict():
            pairs = (f"{athena_text(key, True)}={athena_text(each, True)}" for key, each in value.items())
            return "{" + ", ".join(pairs) + "}"
        case _:
            return str(value)


def comparable(line):
    """Without scales of decimals, the last digits of doubles and the spelling of NaN."""
    def number(found):
        text = found.group()
        return text if text.lstrip("-").isdigit() else f"{float(text):.12g}"
    return NUMBER.sub(number, line).replace("nan", "NaN")


def questions(statement, printed):
    """A statement, or each of its columns, as (name, SQL, lines)."""
    tree = sqlglot.parse_one(statement, read="athena")
    cells = printed[0].split(" | ") if len(printed) == 1 else []
    columns = tree.selects if isinstance(tree, sqlglot.exp.Select) and not tree.find(sqlglot.exp.From) else []
    if len(columns) < 2 or len(columns) != len(cells):
        return [(statement, statement, printed)]
    texts = [column.sql("athena") for column in columns]
    return [(text, f"SELECT {text}", [cell]) for text, cell in zip(texts, cells)]


class SecondOpinion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
        cls.duckdb = duckdb.connect(config={"autoinstall_known_extensions": False,
                                            "autoload_known_extensions": False})
        cls.duckdb.execute("SET TimeZone = 'UTC'; SET integer_division = true")

    def opinion(self, sql):
        """What sqlglot's translation prints; None if it has none that runs."""
        try:
            translated = sqlglot.transpile(sql, read="athena", write="duckdb")[0]
            rows = self.duckdb.execute(translated).fetchall()
        except (sqlglot.errors.SqlglotError, duckdb.Error):
            return None
        return [" | ".join(athena_text(cell) for cell in row) for row in rows]

    def ask(self, path, counts):
        """The questions of a file to which sqlglot gives another answer, with that answer."""
        for statement, printed in statements(path):
            try:
                asked = questions(statement, printed)
            except sqlglot.errors.SqlglotError:
                counts["not parsed"] += 1
                continue
            for name, sql, ours in asked:
                opinion = self.opinion(sql)
                if opinion is None:
                    counts["no opinion"] += 1
                    continue
                theirs, expected = [[comparable(line) for line in lines] for lines in (opinion, ours)]
                has_order = "ORDER BY" in sql
                agrees = (theirs == expected if has_order else sorted(theirs) == sorted(expected))
                counts["agrees" if agrees else "differs"] += 1
                if not agrees:
                    yield name, opinion, ours

    def test_differences_are_those_with_a_reason(self):
        known = known_differences()
        counts = collections.Counter()
        found = {}
        for path in sorted(HERE.glob("athena_*.txt")):
            if path.stem not in WITHOUT_VALUES:
                found |= {name: (theirs, ours) for name, theirs, ours in self.ask(path, counts)}
        print(f"sqlglot {sqlglot.__version__}: {dict(counts)}")
        self.assertGreater(counts["agrees"], 400)
        explained = {name: [pattern for pattern, matcher in known.items() if matcher.fullmatch(name)]
                     for name in found}
        new = [f"> {name}\n  sqlglot: {found[name][0]}\n  here: {found[name][1]}"
               for name, patterns in explained.items() if not patterns]
        self.assertFalse(new, "a reason in second_opinion.txt is missing:\n" + "\n".join(new))
        self.assertFalse(set(known) - {pattern for patterns in explained.values() for pattern in patterns},
                         "these differ no more")


if __name__ == "__main__":
    unittest.main()
