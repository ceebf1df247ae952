/** The layers of src/: each folder imports only from those before it in this list. */
const layers = ["kernel", "engine", "shell", "world", "interchange", "i18n", "session"];
const react = ["graph", "panels", "lessons", "app", "embed"];

const upward = layers.map((layer, i) => ({
  name: `layer-${layer}`,
  severity: "error",
  comment: `${layer}/ may import only from: ${layers.slice(0, i).join(", ") || "nothing above"}`,
  from: { path: `^src/${layer}/`, pathNot: "\\.test\\.tsx?$" },
  to: { path: `^src/(${[...layers.slice(i + 1), ...react].join("|")})/` },
}));

export default {
  forbidden: [
    ...upward,
    {
      name: "pure-model",
      severity: "error",
      comment: "the model runs headless: no package that needs a browser, no Node API",
      from: { path: "^src/(kernel|engine|shell|world|interchange)/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["npm", "npm-dev", "core"], pathNot: "node_modules/(yaml|fflate)/" },
    },
    { name: "graph-is-props-only", severity: "error", from: { path: "^src/graph/" }, to: { path: "^src/(panels|lessons|app|embed)/" } },
    { name: "panels-below-app", severity: "error", from: { path: "^src/(panels|lessons)/" }, to: { path: "^src/(app|embed)/" } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json", ".css"],
      exportsFields: ["exports"],
      conditionNames: ["import", "default", "types"],
    },
  },
};
