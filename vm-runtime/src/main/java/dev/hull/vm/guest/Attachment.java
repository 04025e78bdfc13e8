package dev.hull.vm.guest;

import dev.hull.vm.share.Share;

/** What the host has done in a machine for a mount, before the agent makes it. */
public sealed interface Attachment {
  /** The source is in the share. */
  record Shared(Share.Volume volume) implements Attachment {}

  /** The source is a disk: its layers are the partitions, or all of it is a device. */
  record Plugged(int unit) implements Attachment {}

  /** Nothing: the agent makes it of its own. */
  record None() implements Attachment {}
}
