import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

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
          groups: [
            // The simulated kernel and engine: one file, whoever else shares parts of it.
            { name: "model", test: /src\/(kernel|engine|world|session)\/(?!netfilter\/modules|inspect)/, priority: 2 },
            {
              name: "page",
              test: /node_modules\/(react|react-dom|scheduler|@xyflow|d3-|zustand|use-sync|i18next|react-i18next|lucide)/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
});
