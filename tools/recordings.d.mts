export interface ReplayedCommand {
  readonly command: string;
  readonly want: string;
  readonly have: string;
  readonly same: boolean;
}

export function recordingsIn(folder: string): readonly string[];

export function replayRecording(name: string, runTranscript: (script: string) => string): readonly ReplayedCommand[];
