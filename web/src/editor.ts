// The SQL editor: CodeMirror with DuckDB's words, and the tables and columns that exist now. It is a
// file of its own that the page loads after the rest, so that prices are there first.

import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { sql, SQLDialect } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Table } from "./api";

const duckdb = SQLDialect.define({
  keywords:
    "select from where group by order having limit offset as and or not in is null like ilike " +
    "between case when then else end join left right full inner outer cross asof lateral on using " +
    "union all except intersect distinct with recursive over partition rows range preceding " +
    "following current row unbounded window filter qualify exclude replace values asc desc nulls " +
    "first last interval second minute hour day exists any cast try_cast sample describe summarize " +
    "show tables explain analyze pivot unpivot true false positional within",
  types:
    "bigint boolean date decimal double float hugeint integer json real smallint timestamp " +
    "timestamptz time tinyint ubigint uinteger varchar text blob uuid",
  builtin:
    "count sum avg min max median mode stddev first last arg_min arg_max quantile_cont " +
    "approx_quantile approx_count_distinct list string_agg histogram lag lead row_number rank " +
    "first_value last_value time_bucket date_trunc date_diff date_part epoch epoch_ms epoch_us " +
    "make_timestamp strftime strptime now abs round floor ceil ln log exp sqrt power greatest least " +
    "coalesce nullif if length lower upper trim substr replace regexp_matches regexp_extract " +
    "concat printf format hash range unnest json_extract",
  doubleDollarQuotedStrings: true,
});

/** Columns that every table has, and that `SELECT *` leaves out. */
const kHiddenColumns: [string, string][] = [
  ["_event_time", "TIMESTAMP: the time that the tick carries"],
  ["_append_time", "TIMESTAMP: when the broker took it"],
  ["_visible_time", "TIMESTAMP: when SQL could see it"],
  ["_durable_time", "TIMESTAMP: when the lake had it"],
  ["_topic", "VARCHAR"],
  ["_partition", "INTEGER"],
  ["_offset", "BIGINT"],
];

const kColors = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--code-builtin)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--dim)", fontStyle: "italic" },
]);

const kLook = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { padding: "10px 4px", caretColor: "var(--accent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--surface)",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.65" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
});

/** Columns of the tables that the statement mentions, without a prefix. */
function columnsOf(tables: Table[]): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const word = context.matchBefore(/[\w$]+/);
    if (!word && !context.explicit) return null;
    const from = word?.from ?? context.pos;
    if (context.state.sliceDoc(from - 1, from) === ".") return null;
    const text = context.state.doc.toString().toLowerCase();
    const seen = new Map<string, Completion>();
    for (const table of tables.filter((one) => text.includes(one.name.toLowerCase()))) {
      for (const { name, type } of table.columns) {
        seen.set(name, { label: name, type: "property", detail: type, boost: 2 });
      }
      for (const [name, detail] of kHiddenColumns) {
        seen.set(name, { label: name, type: "property", detail, boost: -1 });
      }
    }
    return seen.size > 0 ? { from, options: [...seen.values()], validFor: /^[\w$]*$/ } : null;
  };
}

function language(tables: Table[]): Extension {
  const schema = Object.fromEntries(
    tables.map((table) => [
      table.name,
      table.columns.map(({ name, type }) => ({ label: name, type: "property", detail: type })),
    ]),
  );
  return [
    sql({ dialect: duckdb, schema, upperCaseKeywords: true }),
    duckdb.language.data.of({ autocomplete: columnsOf(tables) }),
  ];
}

export class Editor {
  private readonly view: EditorView;
  private readonly language = new Compartment();

  constructor(parent: HTMLElement, text: string, onRun: () => void, onChange: () => void) {
    const run = () => {
      onRun();
      return true;
    };
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
          history(),
          closeBrackets(),
          bracketMatching(),
          autocompletion({ icons: false }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          placeholder("SELECT … FROM trades"),
          syntaxHighlighting(kColors),
          kLook,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": "SQL statement", "data-testid": "sql-editor" }),
          EditorView.updateListener.of((update) => update.docChanged && onChange()),
          this.language.of(language([])),
        ],
      }),
    });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  set text(text: string) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  set tables(tables: Table[]) {
    this.view.dispatch({ effects: this.language.reconfigure(language(tables)) });
  }
}
