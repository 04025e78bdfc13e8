package dev.hull.vm.libvirt;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.util.Locale;
import org.libvirt.Error;
import org.libvirt.LibvirtException;

/** The one table from libvirt's errors to ours. */
final class Failures {
  private Failures() {}

  static MachineException translate(String doing, LibvirtException failure) {
    Error error = failure.getError();
    String words = failure.getMessage() == null ? "libvirt gave no reason" : failure.getMessage();
    Kind kind = error == null || error.getCode() == null ? Kind.INTERNAL : kind(error.getCode());
    // libvirtd is not there, or goes away under the call; both are system errors like any other.
    if (words.contains("Failed to connect socket")
        || words.contains("client socket is closed")
        || words.contains("End of file while reading data")) {
      kind = Kind.UNAVAILABLE;
    }
    if (kind == Kind.WRONG_STATE && words.contains("domain is not running")) {
      kind = Kind.NOT_FOUND;
    }
    return new MachineException(kind, "cannot " + doing + ": " + words + remedy(words), failure);
  }

  static boolean isNoDomain(LibvirtException failure) {
    Error error = failure.getError();
    return error != null && error.getCode() == Error.ErrorNumber.VIR_ERR_NO_DOMAIN;
  }

  private static Kind kind(Error.ErrorNumber code) {
    return switch (code) {
      case VIR_ERR_NO_DOMAIN -> Kind.NOT_FOUND;
      case VIR_ERR_DOM_EXIST -> Kind.ALREADY_EXISTS;
      case VIR_ERR_OPERATION_INVALID -> Kind.WRONG_STATE;
      case VIR_ERR_OPERATION_TIMEOUT, VIR_ERR_AGENT_UNRESPONSIVE -> Kind.DEADLINE;
      case VIR_ERR_XML_ERROR, VIR_ERR_CONFIG_UNSUPPORTED, VIR_ERR_INVALID_ARG -> Kind.INVALID;
      case VIR_ERR_NO_CONNECT, VIR_ERR_INVALID_CONN, VIR_ERR_RPC -> Kind.UNAVAILABLE;
      case VIR_ERR_NO_MEMORY -> Kind.EXHAUSTED;
      default -> Kind.INTERNAL;
    };
  }

  private static String remedy(String words) {
    String lower = words.toLowerCase(Locale.ROOT);
    if (lower.contains("failed to parse user") || lower.contains("failed to parse group")) {
      return "; make it: useradd --system --no-create-home --shell /usr/sbin/nologin <user>";
    }
    if (lower.contains("failed to connect socket")) {
      return "; start libvirtd (systemctl start libvirtd), or leave --hypervisor out";
    }
    if (lower.contains("permission denied")) {
      return "; the file and all folders above it must be open to QEMU's user";
    }
    return "";
  }
}
