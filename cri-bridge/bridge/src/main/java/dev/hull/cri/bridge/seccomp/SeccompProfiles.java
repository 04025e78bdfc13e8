package dev.hull.cri.bridge.seccomp;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.vm.SystemCallFilter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The filters of containers' system calls, by what CRI says of seccomp. Without a word of it, and
 * for a privileged container, nothing is filtered. Compiled filters are kept. Safe for use by
 * several threads.
 */
public final class SeccompProfiles {
  private static final String FIELD = "config.linux.security_context.seccomp";
  private static final String LOCALHOST = "localhost/";
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_KEPT = 64;

  private record Key(HashCode profile, Set<String> capabilities) {}

  private final String standard;
  private final Map<Key, SystemCallFilter> kept =
      new LinkedHashMap<>(MAX_KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, SystemCallFilter> eldest) {
          return size() > MAX_KEPT;
        }
      };
  private @Nullable FilterCompiler compiler;

  public SeccompProfiles() {
    this.standard = resource();
  }

  /**
   * The filter for a container.
   *
   * @param capabilities those that the container gets, without {@code CAP_}: profiles let the calls
   *     of a capability pass with it
   * @throws Refusal if the profile cannot be read, or is none
   */
  public SystemCallFilter filter(
      LinuxContainerSecurityContext security, List<String> capabilities) {
    if (security.getPrivileged()) {
      return SystemCallFilter.NONE;
    }
    SecurityProfile profile = asked(security);
    return switch (profile.getProfileType()) {
      case Unconfined -> SystemCallFilter.NONE;
      case RuntimeDefault -> compiled("RuntimeDefault", standard, capabilities);
      case Localhost -> {
        String path = withoutPrefix(profile.getLocalhostRef());
        yield compiled(path, read(path), capabilities);
      }
      case UNRECOGNIZED -> throw Refusal.invalid(FIELD + ".profile_type is not one of CRI's");
    };
  }

  // The deprecated field is still in the protocol, so callers may still set it.
  @SuppressWarnings("deprecation")
  private static SecurityProfile asked(LinuxContainerSecurityContext security) {
    if (security.hasSeccomp()) {
      return security.getSeccomp();
    }
    String path = security.getSeccompProfilePath();
    SecurityProfile.Builder profile = SecurityProfile.newBuilder();
    return switch (path) {
      case "", "unconfined" ->
          profile.setProfileType(SecurityProfile.ProfileType.Unconfined).build();
      case "runtime/default", "docker/default" ->
          profile.setProfileType(SecurityProfile.ProfileType.RuntimeDefault).build();
      default -> {
        if (!path.startsWith(LOCALHOST)) {
          throw Refusal.invalid(
              "config.linux.security_context.seccomp_profile_path must be empty, unconfined,"
                  + " runtime/default or localhost/PATH: "
                  + path);
        }
        yield profile
            .setProfileType(SecurityProfile.ProfileType.Localhost)
            .setLocalhostRef(path)
            .build();
      }
    };
  }

  private static String withoutPrefix(String path) {
    return path.startsWith(LOCALHOST) ? path.substring(LOCALHOST.length()) : path;
  }

  private static String read(String path) {
    try {
      Path file = Path.of(path);
      if (!file.isAbsolute()) {
        throw Refusal.invalid(
            FIELD + ".localhost_ref must be the absolute path of a profile: " + path);
      }
      // A FIFO would block for ever.
      if (!Files.isRegularFile(file)) {
        throw Refusal.invalid(
            FIELD + ": there is no seccomp profile " + path + " on this host; put it there");
      }
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
          throw Refusal.invalid(
              FIELD + ": the seccomp profile " + path + " has more than 1 MiB; make it shorter");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      }
    } catch (InvalidPathException _) {
      throw Refusal.invalid(FIELD + ".localhost_ref must be a path: " + path.replace('\0', '?'));
    } catch (IOException e) {
      throw Refusal.invalid(
          FIELD + ": the seccomp profile " + path + " cannot be read: " + e.getMessage());
    }
  }

  private synchronized SystemCallFilter compiled(
      String name, String json, List<String> capabilities) {
    Key key =
        new Key(
            Hashing.sha256().hashString(json, StandardCharsets.UTF_8), Set.copyOf(capabilities));
    SystemCallFilter known = kept.get(key);
    if (known != null) {
      return known;
    }
    try {
      SystemCallFilter filter = compiler().compile(ProfileReader.read(json), key.capabilities());
      kept.put(key, filter);
      return filter;
    } catch (InvalidProfileException e) {
      throw Refusal.invalid(FIELD + ": the seccomp profile " + name + " " + e.getMessage());
    }
  }

  private FilterCompiler compiler() {
    FilterCompiler present = compiler;
    if (present == null) {
      try {
        present = FilterCompiler.load();
      } catch (UnsatisfiedLinkError e) {
        throw Refusal.state(
            FIELD
                + " is refused: this host has no libseccomp to compile filters with; install the"
                + " package libseccomp2");
      }
      compiler = present;
    }
    return present;
  }

  private static String resource() {
    try (InputStream in = SeccompProfiles.class.getResourceAsStream("default.json")) {
      if (in == null) {
        throw new IllegalStateException("default.json is not beside " + SeccompProfiles.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
