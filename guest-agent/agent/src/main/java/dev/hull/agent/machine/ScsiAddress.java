package dev.hull.agent.machine;

import dev.hull.guest.v1.DiskAddress;

/** A disk's place: controller in the host's order, target, unit. */
public record ScsiAddress(int controller, int target, int unit) {
  private static final int MAX_CONTROLLER = 255;
  private static final int MAX_TARGET = 255;
  private static final int MAX_UNIT = 16383;

  public ScsiAddress {
    check("controller", controller, MAX_CONTROLLER);
    check("target", target, MAX_TARGET);
    check("unit", unit, MAX_UNIT);
  }

  public static ScsiAddress from(DiskAddress address) {
    return new ScsiAddress(address.getController(), address.getTarget(), address.getUnit());
  }

  private static void check(String name, int value, int most) {
    if (value < 0 || value > most) {
      throw new IllegalArgumentException(
          "disk %s must be 0 to %d, is %s".formatted(name, most, Integer.toUnsignedString(value)));
    }
  }

  /** As the kernel names it: {@code 0:0:0:1}. The channel of a virtio controller is always 0. */
  @Override
  public String toString() {
    return controller + ":0:" + target + ":" + unit;
  }
}
