/** The small tools of a Unix userland: GNU's on the machines, BusyBox's in containers. */
import type { Command } from "../../command.ts";
import { gzipCommands } from "./archive/gzip.ts";
import { tar } from "./archive/tar.ts";
import { awk } from "./awk/awk.ts";
import { dumpCommands } from "./bytes/dump.ts";
import { sumCommands } from "./bytes/sums.ts";
import { cmp, comm } from "./compare/cmp.ts";
import { diff } from "./compare/diff.ts";
import { blockCommands } from "./files/blocks.ts";
import { changeCommands } from "./files/change.ts";
import { install } from "./files/install.ts";
import { ls } from "./files/ls.ts";
import { mktemp } from "./files/mktemp.ts";
import { pathCommands } from "./files/paths.ts";
import { stat } from "./files/stat.ts";
import { usageCommands } from "./files/usage.ts";
import { arrangeCommands } from "./filter/arrange.ts";
import { cat } from "./filter/cat.ts";
import { cut } from "./filter/cut.ts";
import { grepCommands } from "./filter/grep.ts";
import { head } from "./filter/head.ts";
import { join } from "./filter/join.ts";
import { column, fold, nl, paste, rev, tac } from "./filter/lines.ts";
import { pagerCommands } from "./filter/pager.ts";
import { sort } from "./filter/sort.ts";
import { tail } from "./filter/tail.ts";
import { tee } from "./filter/tee.ts";
import { tr } from "./filter/tr.ts";
import { uniq } from "./filter/uniq.ts";
import { wc } from "./filter/wc.ts";
import { packageCommands } from "./packages/install.ts";
import { busybox } from "./print/busybox.ts";
import { date } from "./print/date.ts";
import { echoCommands } from "./print/echo.ts";
import { expr } from "./print/expr.ts";
import { helpCommands } from "./print/help.ts";
import { seqCommands } from "./print/seq.ts";
import { systemCommands } from "./print/system.ts";
import { killCommands } from "./process/kill.ts";
import { lifeCommands } from "./process/life.ts";
import { loadCommands } from "./process/load.ts";
import { ps } from "./process/ps.ts";
import { envCommands } from "./run/env.ts";
import { find } from "./run/find.ts";
import { sessionCommands } from "./run/session.ts";
import { xargs } from "./run/xargs.ts";
import { sed } from "./sed/sed.ts";

export const textCommands: readonly Command[] = [
  ...[cat, head, tail, tac, rev, nl, cut, paste, fold, column, sort, uniq, wc, tr, tee, sed, awk, ...grepCommands, ...arrangeCommands],
  ...[diff, cmp, comm, join, ...sumCommands, ...dumpCommands, ...pagerCommands],
  ...[busybox, expr, mktemp, ...usageCommands, ...loadCommands],
  ...[ls, stat, find, install, tar, ...gzipCommands, ...pathCommands, ...changeCommands, ...blockCommands],
  ...[...echoCommands, ...seqCommands, date, ...systemCommands, ...helpCommands],
  ...[ps, ...killCommands, ...lifeCommands, xargs, ...envCommands, ...sessionCommands],
  ...packageCommands,
];
