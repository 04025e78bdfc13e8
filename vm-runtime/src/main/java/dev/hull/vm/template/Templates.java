package dev.hull.vm.template;

import dev.hull.vm.MachineSize;
import dev.hull.vm.hypervisor.SizeRange;
import java.util.Optional;

/** Where a start looks for a template. */
public interface Templates {
  /**
   * What was found.
   *
   * @param sizes what a copy has at first, and how far it grows
   */
  record Match(Template template, SizeRange sizes) {}

  /** Every machine boots. */
  Templates NONE =
      new Templates() {
        @Override
        public Optional<Match> find(MachineSize wanted) {
          return Optional.empty();
        }

        @Override
        public void spoiled(Template template, String reason) {}

        @Override
        public boolean prepare(MachineSize size) {
          return false;
        }
      };

  /**
   * The template of machines of this size, if there is one now, or else of another size that a copy
   * can grow from to at least this one; it may be larger at once. Does not block for long.
   */
  Optional<Match> find(MachineSize wanted);

  /** A start from it failed by its fault: it is not found again until {@link #prepare}. */
  void spoiled(Template template, String reason);

  /**
   * Makes the template of this size unless it is there, or another process is making one; returns
   * when it is done. A failure is one warning: machines boot without it.
   *
   * @return whether there is one now
   */
  boolean prepare(MachineSize size);
}
