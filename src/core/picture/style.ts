/**
 * How pictures and pages look, in light and dark; contrast of text at least 4.5:1 (WCAG 2.2 AA). The same style serves
 * an SVG document and a page. No `<` and no `&`: it stands in XML as it is.
 */
export const STYLE = `
.cwf-picture,.cwf-page{--paper:#fff;--sheet:#f6f7f9;--line:#d4d8de;--ink:#1c2127;--dim:#5a6370;--wire:#aab1bb;--box:#fff;
--added:#11732f;--added-bg:#e3f5e8;--removed:#b3261e;--removed-bg:#fdeae8;--changed:#8a5300;--changed-bg:#fff3d6;--moved:#4a4fb0;--moved-bg:#ececfb}
@media (prefers-color-scheme:dark){.cwf-picture,.cwf-page{--paper:#16181c;--sheet:#1d2025;--line:#353a43;--ink:#e6e8eb;--dim:#a2aab5;--wire:#5a626e;--box:#24282f;
--added:#6fd58b;--added-bg:#17301f;--removed:#ff9a91;--removed-bg:#3a1d1b;--changed:#f3bd5b;--changed-bg:#362a12;--moved:#aeb2ff;--moved-bg:#23254a}}
.cwf-picture{font:11px system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
.cwf-picture text{fill:var(--ink);white-space:pre}
.cwf-paper{fill:var(--paper)}
.cwf-sheet{fill:var(--sheet);stroke:var(--line)}
.cwf-picture .cwf-file{font-size:15px;font-weight:700}
.cwf-picture .cwf-way{font-size:13px;font-weight:600}
.cwf-group rect{fill:none;stroke:var(--line);stroke-dasharray:2 3}
.cwf-picture .cwf-group text{fill:var(--dim)}
.cwf-wire{fill:none;stroke:var(--wire);stroke-width:1.2}
.cwf-wire.cwf-added{stroke:var(--added);stroke-width:2}
.cwf-wire.cwf-removed{stroke:var(--removed);stroke-width:2;stroke-dasharray:5 4}
.cwf-wire.cwf-moved{stroke:var(--moved);stroke-dasharray:2 3}
.cwf-body{fill:var(--box);stroke:var(--line)}
.cwf-edge{stroke:none}
.cwf-picture .cwf-title{font-size:12px;font-weight:600}
.cwf-picture .cwf-id,.cwf-picture .cwf-plain{fill:var(--dim)}
.cwf-picture .cwf-same .cwf-title,.cwf-picture .cwf-moved .cwf-title{font-weight:400}
.cwf-picture .cwf-old{fill:var(--removed)}
.cwf-picture .cwf-new{fill:var(--added)}
.cwf-box.cwf-added .cwf-body{fill:var(--added-bg);stroke:var(--added)}
.cwf-box.cwf-removed .cwf-body{fill:var(--removed-bg);stroke:var(--removed);stroke-dasharray:5 3}
.cwf-box.cwf-changed .cwf-body{fill:var(--changed-bg);stroke:var(--changed)}
.cwf-box.cwf-moved .cwf-body{fill:var(--moved-bg);stroke:var(--moved);stroke-dasharray:2 2}
.cwf-box:target .cwf-body{stroke-width:3}
.cwf-added .cwf-edge{stroke:var(--added);stroke-width:4}
.cwf-removed .cwf-edge{stroke:var(--removed);stroke-width:4}
.cwf-changed .cwf-edge{stroke:var(--changed);stroke-width:4}
.cwf-moved .cwf-edge{stroke:var(--moved);stroke-width:4}
.cwf-picture .cwf-added .cwf-title{fill:var(--added)}
.cwf-picture .cwf-removed .cwf-title{fill:var(--removed)}
.cwf-picture .cwf-changed .cwf-title{fill:var(--changed)}
.cwf-picture .cwf-moved .cwf-title{fill:var(--moved)}
`;
