"""A DuckDB of its own, in this process, through nothing but the official library's C interface:
what any other engine would see in the lake's files."""

import ctypes
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIBRARY = (os.environ.get("DUCKDB_LIBRARY") or
           os.path.join(ROOT, "build", "deps", "lib", "libduckdb.so"))


class _Result(ctypes.Structure):
    _fields_ = [("deprecated_column_count", ctypes.c_uint64),
                ("deprecated_row_count", ctypes.c_uint64),
                ("deprecated_rows_changed", ctypes.c_uint64),
                ("deprecated_columns", ctypes.c_void_p),
                ("deprecated_error_message", ctypes.c_char_p),
                ("internal_data", ctypes.c_void_p)]


class PlainDuckDb:
    def __init__(self):
        self._library = library = ctypes.CDLL(LIBRARY)
        library.duckdb_value_varchar.restype = ctypes.c_void_p
        library.duckdb_value_varchar.argtypes = [ctypes.POINTER(_Result), ctypes.c_uint64,
                                                 ctypes.c_uint64]
        library.duckdb_result_error.restype = ctypes.c_char_p
        for count in (library.duckdb_row_count, library.duckdb_column_count):
            count.restype = ctypes.c_uint64
            count.argtypes = [ctypes.POINTER(_Result)]
        library.duckdb_free.argtypes = [ctypes.c_void_p]
        self._database = ctypes.c_void_p()
        self._connection = ctypes.c_void_p()
        if library.duckdb_open(None, ctypes.byref(self._database)) != 0:
            raise RuntimeError("cannot open a DuckDB in memory")
        library.duckdb_connect(self._database, ctypes.byref(self._connection))

    def rows(self, sql):
        """All rows, each value as text or None."""
        result = _Result()
        if self._library.duckdb_query(self._connection, sql.encode(), ctypes.byref(result)) != 0:
            raise RuntimeError(self._library.duckdb_result_error(ctypes.byref(result)).decode())
        rows = []
        for row in range(self._library.duckdb_row_count(ctypes.byref(result))):
            rows.append([self._text(result, column, row)
                         for column in range(self._library.duckdb_column_count(
                             ctypes.byref(result)))])
        self._library.duckdb_destroy_result(ctypes.byref(result))
        return rows

    def value(self, sql):
        return self.rows(sql)[0][0]

    def _text(self, result, column, row):
        pointer = self._library.duckdb_value_varchar(ctypes.byref(result), column, row)
        if not pointer:
            return None
        text = ctypes.string_at(pointer).decode()
        self._library.duckdb_free(pointer)
        return text
