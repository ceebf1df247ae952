import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

interface ModuleGraph {
  getModuleInfo(
    id: string,
  ): { readonly importedIds: readonly string[]; readonly isEntry: boolean; readonly importers: readonly string[] } | null;
}

let reached: Set<string> | undefined;

/** Whether the page needs a module before anything is asked for: whatever the entry imports statically, at any depth. */
function isFirstLoad(id: string, graph: ModuleGraph): boolean {
  if (!reached) {
    reached = new Set();
    const queue = [new URL("src/app/main.tsx", import.meta.url).pathname];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      queue.push(...(graph.getModuleInfo(next)?.importedIds ?? []));
    }
  }
  return reached.has(id);
}

export default defineConfig({
  // Works from any path of any static host, and from a file.
  base: "./",
  plugins: [react()],
  build: {
    target: "es2023",
    chunkSizeWarningLimit: 1200,
    manifest: true,
    rolldownOptions: {
      // React's wrappers do nothing by themselves: parts of React Flow that the picture does without are left out.
      treeshake: { manualPureFunctions: ["memo", "forwardRef", "createContext"] },
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            // Two files for all that the first picture needs: small ones compress badly, and what comes later must not come along.
            {
              debugName: "first load",
              name: (id, graph) => (isFirstLoad(id, graph) ? (id.includes("/node_modules/") ? "libraries" : "vethlab") : null),
            },
          ],
        },
      },
    },
  },
});
