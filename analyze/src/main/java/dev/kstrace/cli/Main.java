package dev.kstrace.cli;

/** Entry point of the {@code kstrace} command. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("kstrace");
  }
}
