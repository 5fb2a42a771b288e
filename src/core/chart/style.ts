/**
 * How charts and their pages look, in light and dark. Colours of the eight steps go from faint to strong in one hue, so
 * that no eye confuses them; what is marked has a shape of its own, too. Blue and vermilion are apart for all kinds of
 * colour blindness (Okabe and Ito 2008). No `<` and no `&`: it stands in XML as it is.
 */
export const CHART_STYLE = `
.cwf-chart{--paper:#fff;--sheet:#f6f7f9;--line:#d4d8de;--ink:#1c2127;--dim:#5a6370;--mark:#0b66ad;--best:#c94f00;--wrong:#6b6f76;
--s0:#c3d3e6;--s1:#a9c4e0;--s2:#8cb3d9;--s3:#6ca0cf;--s4:#4a8bc3;--s5:#2c74b3;--s6:#155d9c;--s7:#08427a}
@media (prefers-color-scheme:dark){.cwf-chart{--paper:#16181c;--sheet:#1d2025;--line:#353a43;--ink:#e6e8eb;--dim:#a2aab5;--mark:#6cb6f5;--best:#ff9a4d;--wrong:#8e949d;
--s0:#2f4257;--s1:#36526f;--s2:#3e6388;--s3:#4876a2;--s4:#558bbd;--s5:#69a1d6;--s6:#88baec;--s7:#b5d8ff}}
svg.cwf-chart{font:11px system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
.cwf-chart text{fill:var(--ink);white-space:pre}
.cwf-chart .cwf-tick{fill:var(--dim)}
.cwf-chart .cwf-name{font-size:13px;font-weight:600}
.cwf-paper{fill:var(--paper)}
.cwf-area{fill:var(--sheet);stroke:var(--line)}
.cwf-grid{stroke:var(--line);stroke-width:1}
.cwf-dot{fill:var(--mark);fill-opacity:.75}
.cwf-dot.cwf-best{fill:var(--best);fill-opacity:1;stroke:var(--paper)}
.cwf-dot.cwf-hollow{fill:none;stroke:var(--wrong);stroke-width:1.3}
.cwf-cross{fill:none;stroke:var(--wrong);stroke-width:1.5}
.cwf-dot:hover,.cwf-cross:hover,.cwf-bar:hover{stroke:var(--ink);stroke-width:2;fill-opacity:1}
.cwf-path{fill:none;stroke:var(--mark);stroke-width:1.2;stroke-opacity:.7}
.cwf-path.cwf-best{stroke:var(--best);stroke-width:2;stroke-opacity:1}
.cwf-path.cwf-wrong{stroke:var(--wrong);stroke-dasharray:4 3}
.cwf-path.cwf-trial:hover{stroke:var(--ink);stroke-width:3;stroke-opacity:1}
.cwf-many .cwf-path{stroke-opacity:.25}.cwf-many .cwf-s5,.cwf-many .cwf-s6{stroke-opacity:.5}.cwf-many .cwf-s7{stroke-opacity:.9}.cwf-many .cwf-best,.cwf-many .cwf-trial:hover{stroke-opacity:1}
.cwf-bar{fill:var(--mark)}
.cwf-bar.cwf-best{fill:var(--best)}
.cwf-bar.cwf-wrong{fill:var(--wrong)}
.cwf-bar.cwf-faint{fill:var(--s1)}
.cwf-axis{stroke:var(--dim);stroke-width:1.2}
.cwf-chart .cwf-halo{paint-order:stroke;stroke:var(--paper);stroke-width:3}
.cwf-limit{stroke:var(--best);stroke-width:2}
${Array.from({ length: 8 }, (_, i) => `.cwf-dot.cwf-s${i}{fill:var(--s${i});fill-opacity:.9}.cwf-path.cwf-s${i}{stroke:var(--s${i})}`).join('\n')}
`;

/** The class of a part, 0 to 1, on the scale of eight colours. */
export function shade(part: number): string {
  return `cwf-s${Math.min(7, Math.max(0, Math.floor(part * 8)))}`;
}
