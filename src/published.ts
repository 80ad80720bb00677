/** Made by `npm run generate` from package.json: where people get the action, the GitLab components and the package. */
export const published = {
  github: "OWNER/cancel-run",
  gitlab: "gitlab.com/OWNER/cancel-run",
  npm: "cancel-run",
} as const;
