"""Each rule finds a small example that breaks it, and passes one that does not."""

import unittest
from pathlib import Path

from house_rules import check_file


def breaches(name, text):
    return list(check_file(Path(name), "#pragma once\n" + text if name.endswith(".h") else text))


class HouseRules(unittest.TestCase):
    def test_a_module_may_not_include_what_stands_below_it(self):
        self.assertIn("broker may not include sink",
                      breaches("src/broker/a.cc", '#include "sink/sink.h"\n')[0])
        self.assertEqual([], breaches("src/broker/a.cc", '#include "kafka/crc.h"\n'))

    def test_long_lines_files_and_functions_are_found(self):
        self.assertIn("columns", breaches("src/base/a.cc", "x" * 101)[0])
        self.assertIn("a file of", breaches("src/base/a.cc", "\n" * 601)[0])
        body = "void f(int a) {\n" + "  a;\n" * 70 + "}\n"
        self.assertIn("a function of", breaches("src/base/a.cc", body)[0])
        self.assertEqual([], breaches("src/base/a.cc", "void f() {\n" + "  a;\n" * 60 + "}\n"))

    def test_calls_around_the_seams_are_found_outside_base_only(self):
        text = "auto t = std::chrono::steady_clock::now();\n"
        self.assertIn("the clock", breaches("src/sink/a.cc", text)[0])
        self.assertEqual([], breaches("src/base/a.cc", text))
        self.assertIn("a sleep", breaches("src/sink/a.cc", "std::this_thread::sleep_for(s);\n")[0])
        self.assertIn("a raw open", breaches("src/lake/a.cc", "int d = ::open(p, 0);\n")[0])
        self.assertEqual([], breaches("src/lake/a.cc", "auto f = files.open(p);\n"))

    def test_a_vague_name_is_found(self):
        self.assertIn("says nothing", breaches("src/base/string_util.cc", "")[0])


if __name__ == "__main__":
    unittest.main()
