package dev.kstrace.cli.shell;

import java.util.List;

/**
 * A command of the shell's own.
 *
 * @param usage how it is typed
 * @param doc what it does
 */
record DotCommand(String usage, String doc) {
  /** All, in the order of the help. */
  static final List<DotCommand> ALL =
      List.of(
          new DotCommand(".help", "this list"),
          new DotCommand(".tables", "the tables, and what a row of each is"),
          new DotCommand(".schema [TABLE]", "the columns, and what they mean"),
          new DotCommand(".rules", "the rules behind the table findings"),
          new DotCommand(".findings", "what the rules say of the traces"),
          new DotCommand(".timing on|off", "say how long each answer took"),
          new DotCommand(".open FILE...", "ask other traces"),
          new DotCommand(".format F", "table, csv, json, ndjson or markdown"),
          new DotCommand(".quit", "leave"));

  /** The word that it begins with. */
  String word() {
    int blank = usage.indexOf(' ');
    return blank < 0 ? usage : usage.substring(0, blank);
  }
}
