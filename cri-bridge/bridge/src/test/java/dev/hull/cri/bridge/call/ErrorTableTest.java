package dev.hull.cri.bridge.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.images.ImageException;
import dev.hull.vm.MachineException;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ErrorTableTest {
  @Test
  void everyKindOfMachineErrorHasItsStatus() {
    Map<MachineException.Kind, Status.Code> table = new EnumMap<>(MachineException.Kind.class);
    table.put(MachineException.Kind.INVALID, Status.Code.INVALID_ARGUMENT);
    table.put(MachineException.Kind.NOT_FOUND, Status.Code.NOT_FOUND);
    table.put(MachineException.Kind.ALREADY_EXISTS, Status.Code.ALREADY_EXISTS);
    table.put(MachineException.Kind.WRONG_STATE, Status.Code.FAILED_PRECONDITION);
    table.put(MachineException.Kind.EXHAUSTED, Status.Code.RESOURCE_EXHAUSTED);
    table.put(MachineException.Kind.UNAVAILABLE, Status.Code.UNAVAILABLE);
    table.put(MachineException.Kind.DEADLINE, Status.Code.DEADLINE_EXCEEDED);
    table.put(MachineException.Kind.HOSTILE_GUEST, Status.Code.INTERNAL);
    table.put(MachineException.Kind.INTERNAL, Status.Code.INTERNAL);
    for (MachineException.Kind kind : MachineException.Kind.values()) {
      Status status = ErrorTable.status(new MachineException(kind, "a sentence"));
      assertThat(status.getCode()).isEqualTo(table.get(kind));
      assertThat(status.getDescription()).isEqualTo("a sentence");
    }
  }

  @Test
  void everyKindOfImageErrorHasItsStatus() {
    Map<ImageException.Kind, Status.Code> table = new EnumMap<>(ImageException.Kind.class);
    table.put(ImageException.Kind.INVALID, Status.Code.INVALID_ARGUMENT);
    table.put(ImageException.Kind.NOT_FOUND, Status.Code.NOT_FOUND);
    table.put(ImageException.Kind.UNAUTHORIZED, Status.Code.UNAUTHENTICATED);
    table.put(ImageException.Kind.CORRUPT, Status.Code.DATA_LOSS);
    table.put(ImageException.Kind.UNAVAILABLE, Status.Code.UNAVAILABLE);
    table.put(ImageException.Kind.EXHAUSTED, Status.Code.RESOURCE_EXHAUSTED);
    table.put(ImageException.Kind.IN_USE, Status.Code.FAILED_PRECONDITION);
    table.put(ImageException.Kind.INTERNAL, Status.Code.INTERNAL);
    for (ImageException.Kind kind : ImageException.Kind.values()) {
      assertThat(ErrorTable.status(new ImageException(kind, "a sentence")).getCode())
          .isEqualTo(table.get(kind));
    }
  }

  @Test
  void aDefectDoesNotShowItsMessage() {
    Status status = ErrorTable.status(new IllegalStateException("password=hunter2"));
    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).contains("IllegalStateException").doesNotContain("hunter2");
  }
}
