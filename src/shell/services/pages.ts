/** Where a web server's pages come from. */
import { type FileSystem, resolvePath } from "../../kernel/vfs.ts";
import type { Pages } from "./web-server.ts";

/** Files under `root`; a directory gives its index.html. */
export const filesUnder =
  (fs: FileSystem, root: string): Pages =>
  (path) => {
    const file = resolvePath("/", `${root}/${path}`);
    const text = fs.read(fs.isDirectory(file) ? resolvePath(file, "index.html") : file);
    return typeof text === "string" ? text : undefined;
  };

/** One text for "/" and "/index.html". */
export const onePage =
  (text: string): Pages =>
  (path) =>
    path === "/" || path === "/index.html" ? text : undefined;

/** The first that has the page. */
export const firstOf =
  (...sources: readonly Pages[]): Pages =>
  (path) => {
    for (const pages of sources) {
      const text = pages(path);
      if (text !== undefined) return text;
    }
    return undefined;
  };

export const WELCOME_TO_NGINX = "<h1>Welcome to nginx!</h1>\n";
