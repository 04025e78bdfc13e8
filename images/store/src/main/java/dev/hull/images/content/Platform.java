package dev.hull.images.content;

/** What an image runs on. {@code variant} is empty when there is none. */
public record Platform(String os, String architecture, String variant) {
  /** The one that our guests are. */
  public static final Platform LINUX_AMD64 = new Platform("linux", "amd64", "");

  /** Whether an image made for {@code this} runs on a plain {@code machine}. */
  public boolean runsOn(Platform machine) {
    // amd64's v2 and above need instructions that not every processor has; v1 is what all have.
    return os.equals(machine.os)
        && architecture.equals(machine.architecture)
        && (variant.equals(machine.variant) || variant.equals("v1"));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
