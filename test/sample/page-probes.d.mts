export function unreadableTexts(): string[];
export function namelessControls(): string[];
export function overflowPx(): number;
