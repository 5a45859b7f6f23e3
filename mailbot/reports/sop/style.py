"""The style sheet of the printed SOP: light and dark screens, phones, and A4 landscape on paper."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --desk: #f1f3f5; --ink: #1b1f24; --soft: #5a6470; --line: #c9d0d8; --faint: #e6e9ed;
  --head: #eef2f6; --accent: #0b4f8a; --code: #eef1f4;
  --user: #e9f5ee; --user-line: #2f7d57; --lpse: #e8f0fa; --lpse-line: #1f5fa6; --lkpp: #fbf1e2; --lkpp-line: #a5650f;
  --third: #f3ecf8; --third-line: #7a4a9e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16191d; --desk: #0f1114; --ink: #e4e8ec; --soft: #a0aab4; --line: #3b434c; --faint: #2a3037;
    --head: #20262d; --accent: #8fc1f2; --code: #262d34;
    --user: #16261e; --user-line: #6cc397; --lpse: #152233; --lpse-line: #7fb2ea; --lkpp: #2a2112; --lkpp-line: #dba654;
    --third: #241b2b; --third-line: #c39be0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--desk); color: var(--ink);
  font: 15px/1.5 "Segoe UI", "Noto Sans", "Liberation Sans", Roboto, Arial, sans-serif;
}
main { max-width: 1180px; margin: 24px auto; padding: 32px 40px 48px; background: var(--paper); border-radius: 6px; }
main.wide { max-width: none; margin: 24px; }
a { color: var(--accent); }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 0; font-size: 1.5rem; letter-spacing: .01em; text-transform: uppercase; }
h2 { margin: 2.6rem 0 1rem; padding-bottom: .35rem; border-bottom: 2px solid var(--accent); font-size: 1.25rem; }
h3 { margin: 1.9rem 0 .5rem; font-size: 1.02rem; }
h3 + p { margin-top: 0; color: var(--soft); }
code { padding: .05em .35em; border-radius: 3px; background: var(--code); overflow-wrap: anywhere;
  font: .86em/1.4 "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace; }

/* The form's head: the title beside the document's numbers, then the lists in two columns. */
.form { border: 1.5px solid var(--line); }
.form-title { display: grid; grid-template-columns: 1fr minmax(300px, 42%); border-bottom: 1.5px solid var(--line); }
.form-title.alone { grid-template-columns: 1fr; }
.form-name { display: flex; flex-direction: column; justify-content: center; gap: .5rem; padding: 22px 26px;
  text-align: center; }
.form-name p { margin: 0; color: var(--soft); font-size: .82rem; letter-spacing: .08em; text-transform: uppercase; }
.form dl { display: grid; grid-template-columns: max-content 1fr; margin: 0; border-left: 1.5px solid var(--line);
  font-size: .9rem; }
.form dt, .form dd { margin: 0; padding: 6px 12px; border-bottom: 1px solid var(--faint); }
.form dt { color: var(--soft); }
.form dl > :nth-last-child(-n+2) { border-bottom: 0; }
.form-lists { columns: 2; column-gap: 36px; column-rule: 1px solid var(--faint); padding: 8px 26px 18px;
  font-size: .9rem; }
.form section { break-inside: avoid; padding-top: .8rem; }
.form h2 { margin: 0 0 .2rem; padding: 0; border: 0; font-size: .92rem; color: var(--accent); }
.form ol { margin: 0; padding-left: 1.5em; }

table { width: 100%; border-collapse: collapse; font-size: .86rem; line-height: 1.42; }
th, td { padding: 7px 9px; border: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { background: var(--head); font-weight: 600; vertical-align: middle; }
.scroll { overflow-x: auto; }
.whole { white-space: nowrap; }

/* The paper's table. */
.procedure { table-layout: fixed; }
.procedure thead th { text-align: center; }
.procedure .c-no { width: 3.2%; }
.procedure .c-activity { width: 24%; }
.procedure .c-performer { width: 8.4%; }
.procedure .c-time { width: 5.8%; }
.procedure .c-needs { width: 17%; }
.procedure .c-quality { width: 12.4%; }
.procedure td { overflow-wrap: break-word; }
/* With what mailbot does beside the paper's columns, and where the paper has no Mutu Baku. */
.beside .c-activity { width: 19.5%; }
.beside .c-needs { width: 13.5%; }
.beside .c-time { width: 7%; }
.beside .c-quality { width: 11%; }
.beside .c-done { width: 16.2%; }
.bare .c-activity { width: auto; }
.bare .c-performer { width: 9%; }
.bare .c-done { width: 27%; }
.procedure .done { background: var(--head); }
.procedure .no, .procedure .time { text-align: center; white-space: nowrap; }
.procedure .performer { padding: 6px 4px; text-align: center; vertical-align: middle; }
.procedure .no a { font-weight: 600; text-decoration: none; }
.symbol { display: inline-block; min-width: 62px; padding: 3px 8px; border: 1.5px solid currentColor;
  text-align: center; font-size: .78rem;
  line-height: 1.25; color: var(--here); background: var(--fill); }
.symbol.start, .symbol.end { border-radius: 99px; font-weight: 600; }
.symbol.process { min-height: 20px; border-radius: 3px; }
.symbol.decision { padding: 0; border: 0; background: none; white-space: nowrap; }
.symbol.decision svg { display: block; width: 78px; height: 36px; margin: auto; }
.symbol.decision path { fill: var(--fill); stroke: currentColor; stroke-width: 1.5; }
.symbol.decision text { fill: currentColor; font-size: 9.5px; text-anchor: middle; }
.user { --here: var(--user-line); --fill: var(--user); }
.lpse { --here: var(--lpse-line); --fill: var(--lpse); }
.lkpp { --here: var(--lkpp-line); --fill: var(--lkpp); }
.admin, .head, .other, .technical { --here: var(--third-line); --fill: var(--third); }

/* The drawing. */
.flow { overflow: hidden; border: 1px solid var(--line); }
.drawing { display: block; width: 100%; height: auto; font-size: 12px; fill: var(--ink); }
.drawing .lane { fill: var(--fill); opacity: .55; }
.drawing .lane-head { fill: var(--fill); }
.drawing .lane-name { text-anchor: middle; font-weight: 600; fill: var(--here, var(--ink)); }
.drawing .column { font-weight: 600; }
.drawing .rule { stroke: var(--line); stroke-width: .75; stroke-opacity: .7; }
.drawing .number { text-anchor: middle; font-weight: 600; }
.drawing .edge { fill: none; stroke: var(--ink); stroke-width: 1.3; }
.drawing .arrow { fill: var(--ink); }
.drawing .way { font-size: 11.5px; font-weight: 600; font-style: italic; stroke: var(--paper); stroke-width: 3px;
  paint-order: stroke; stroke-linejoin: round; text-anchor: start; }
.drawing .way.left { text-anchor: end; }
.drawing .node rect, .drawing .node path { fill: var(--paper); stroke: var(--here); stroke-width: 1.6; }
.drawing .node text { text-anchor: middle; font-size: 13px; font-weight: 600; fill: var(--ink); }
.drawing a { text-decoration: none; }
.drawing a:hover .node rect, .drawing a:hover .node path, .drawing a:focus .node rect, .drawing a:focus .node path
  { stroke-width: 3; }

/* What mailbot does. */
.grid td:first-child { white-space: nowrap; }
.grid .label { color: var(--soft); }
.matrix { font-size: .74rem; }
.matrix th[scope="row"] { position: sticky; left: 0; min-width: 150px; background: var(--head); }
.matrix td { min-width: 150px; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--soft);
  font-size: .82rem; }

@media screen and (max-width: 760px) {
  main, main.wide { margin: 0; padding: 16px 14px 32px; border-radius: 0; }
  h1 { font-size: 1.2rem; }
  .form-title { grid-template-columns: 1fr; }
  .form dl { border-left: 0; border-top: 1px solid var(--line); }
  .form-name { padding: 16px 12px; }
  .form-lists { columns: 1; padding: 4px 14px 14px; }
  /* Only the lanes of the drawing; the activities stand in the cards above it. */
  .drawing { width: calc(100% * var(--width) / (var(--width) - var(--lanes-left)));
    margin-left: calc(-100% * var(--lanes-left) / (var(--width) - var(--lanes-left))); }
  .drawing .node text, .drawing .way { font-size: 16px; }
  .drawing .way.below { transform: translateY(5px); }
  .drawing .lane-name { font-size: 14px; }
  /* A table row becomes a card: each cell under its column's name. */
  .cards, .cards tbody, .cards tr, .cards td { display: block; width: auto; }
  .cards thead { display: none; }
  .cards tr { margin-bottom: 12px; border: 1px solid var(--line); border-radius: 5px; overflow: hidden; }
  .cards td { padding: 6px 12px; border: 0; border-top: 1px solid var(--faint); }
  .cards td:first-child { border-top: 0; background: var(--head); }
  .cards td:empty, .cards td.none { display: none; }
  .cards td[data-column]:not(.performer)::before { content: attr(data-column); display: block; color: var(--soft);
    font-size: .76rem; }
  .cards th[scope="row"] { position: static; display: block; padding: 8px 12px; border: 0; }
  .cards td:first-child::before { display: inline !important; margin-right: .6em; }
  .procedure .no, .procedure .time { text-align: left; }
  .procedure .performer { padding: 6px 12px; text-align: left; }
  .procedure .performer::after { content: attr(data-column); margin-left: .8em; color: var(--here); font-weight: 600; }
  .symbol { vertical-align: middle; }
  .matrix { font-size: .86rem; }
}

@page { size: A4 landscape; margin: 12mm 12mm 14mm; }
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --desk: #fff; --ink: #000; --soft: #333; --line: #666; --faint: #bbb; --head: #eee;
    --accent: #000; --code: #fff; --user: #f2f8f4; --user-line: #1d5a3c; --lpse: #f0f5fb; --lpse-line: #17477c;
    --lkpp: #fcf6ec; --lkpp-line: #7c4b0a;
    --third: #f8f4fb; --third-line: #5c3579;
  }
  body { font-size: 9.5pt; line-height: 1.35; }
  main, main.wide { max-width: none; margin: 0; padding: 0; }
  h1 { font-size: 14pt; }
  .form { font-size: 8.8pt; line-height: 1.3; break-inside: avoid; }
  .form dl, .form-lists { font-size: inherit; }
  .form dt, .form dd { padding: 1mm 3mm; }
  .form-lists { padding: 1mm 5mm 3mm; }
  .form section { padding-top: 2.2mm; }
  .form h2 { margin: 0; font-size: 9pt; }
  h2 { break-after: avoid; margin-top: 6mm; }
  h3 { break-after: avoid; margin-top: 4mm; }
  h3 + p { break-after: avoid; }
  .page { break-before: page; margin-top: 0; }
  tr, .flow, .symbol { break-inside: avoid; }
  thead { display: table-header-group; }
  th, td { padding: 1.2mm 1.6mm; }
  table { font-size: 8.5pt; }
  .matrix { font-size: 5.6pt; }
  .matrix th, .matrix td { min-width: 0 !important; padding: .6mm; }
  code { padding: 0; }
  .drawing .rule { stroke-width: .5; }
  .flow { border: 0; }
  .drawing { max-height: 168mm; }
  .scroll { overflow: visible; }
  a { color: inherit; text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
