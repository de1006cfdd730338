package dev.kstrace.cli.describe;

/** Shells that commands can be completed in. */
public enum CompletionShell {
  /** bash 4 and newer. */
  BASH,
  /** zsh 5. */
  ZSH,
  /** fish 3. */
  FISH,
  /** PowerShell 5.1 and newer. */
  POWERSHELL;

  /** The script that completes a command and all below it. */
  public String script(CommandTree root) {
    return switch (this) {
      case BASH -> BashCompletion.of(root);
      case ZSH -> ZshCompletion.of(root);
      case FISH -> FishCompletion.of(root);
      case POWERSHELL -> PowerShellCompletion.of(root);
    };
  }
}
