package dev.hull.cli.kubelet;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener of SIGINT, SIGTERM and SIGHUP instead of letting the JVM end; closing it gives
 * the signals back. The JDK has no other way than sun.misc.Signal (a shutdown hook cannot tell
 * signals apart, and runs beside everybody else's); javac warns of that name, hence reflection.
 */
public final class Signals implements AutoCloseable {
  private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15, "HUP", 1);

  private final Map<Object, Object> previous = new LinkedHashMap<>();
  private final @Nullable Method handle;

  /** Begins to listen. {@code listener} gets the signal's number, on a thread of the JVM. */
  public Signals(IntConsumer listener) {
    @Nullable Method found = null;
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      found = signalType.getMethod("handle", signalType, handlerType);
      for (Map.Entry<String, Integer> entry : NUMBERS.entrySet()) {
        Object signal = signalType.getConstructor(String.class).newInstance(entry.getKey());
        InvocationHandler body =
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    listener.accept(entry.getValue());
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> false; // Handlers are compared by nobody.
                  default -> "signal handler of hull";
                };
        Object handler =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {handlerType}, body);
        previous.put(signal, found.invoke(null, signal, handler));
      }
    } catch (ReflectiveOperationException e) {
      // A JVM without it, or started with -Xrs: Ctrl-C then ends the JVM at once, and the next
      // `hull run` finds what was left.
      found = null;
    }
    this.handle = found;
  }

  @Override
  public void close() {
    if (handle == null) {
      return;
    }
    for (Map.Entry<Object, Object> entry : previous.entrySet()) {
      try {
        handle.invoke(null, entry.getKey(), entry.getValue());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot give back " + entry.getKey(), e);
      }
    }
    previous.clear();
  }
}
