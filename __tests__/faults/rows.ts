export const rows: { id: string }[] = [];
