package dev.hull.vm.template;

import dev.hull.vm.MachineSize;
import java.util.Optional;

/** Where a start looks for a template. */
public interface Templates {
  /** Every machine boots. */
  Templates NONE =
      new Templates() {
        @Override
        public Optional<Template> find(MachineSize size) {
          return Optional.empty();
        }

        @Override
        public void spoiled(Template template, String reason) {}

        @Override
        public boolean prepare(MachineSize size) {
          return false;
        }
      };

  /** The template of machines of this size, if there is one now. Does not block for long. */
  Optional<Template> find(MachineSize size);

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
