package dev.hull.agent.linux;

/** The kernel, as the agent sees it. Tests give fakes. */
public record Linux(
    Mounts mounts,
    Descriptors descriptors,
    Transfers transfers,
    Power power,
    Clock clock,
    Hostname hostname) {

  /** The real one. Costs nothing until the first call. */
  public static Linux through(Libc libc) {
    NativeSystem system = new NativeSystem(libc);
    return new Linux(
        new NativeMounts(libc),
        new NativeDescriptors(libc),
        new NativeTransfers(libc),
        system,
        system,
        system);
  }
}
