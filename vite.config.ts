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
  },
});
