package dev.hull.samples;

import dev.hull.images.Image;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one sample image is: the base, which most of them share, and a layer of packages; or
 * packages unpacked into nothing.
 *
 * @param name as the command line has it
 * @param reference the registry host in it is never contacted
 * @param files files that the layer has besides its packages, by path
 * @param links symbolic links likewise, by path
 */
record Sample(
    String name,
    String reference,
    Kind kind,
    List<String> packages,
    Map<String, String> files,
    Map<String, String> links,
    Image.Config config) {
  private static final List<String> ENVIRONMENT =
      List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

  /** Programs of busybox that scripts use; each is a link to the one program. */
  private static final List<String> APPLETS =
      List.of(
          "cat",
          "cp",
          "date",
          "echo",
          "env",
          "grep",
          "hostname",
          "httpd",
          "id",
          "ip",
          "kill",
          "ls",
          "mkdir",
          "mv",
          "nc",
          "ps",
          "rm",
          "sh",
          "sleep",
          "stat",
          "tail",
          "test",
          "touch",
          "wget");

  static final List<Sample> ALL = List.of(debian(), nginx(), redis(), tomcat(), busybox(), war());

  /** How an image is made. */
  enum Kind {
    /** Its packages are installed onto the base. */
    ON_BASE,
    /** Its packages are unpacked alone, and only their programs are kept. */
    ALONE,
    /** The same, with a web application beside them: {@code /sample.war}. */
    WITH_WAR
  }

  Sample {
    // In order, for the key of the cache is made from it.
    files = Collections.unmodifiableMap(new TreeMap<>(files));
    links = Collections.unmodifiableMap(new TreeMap<>(links));
  }

  private static Sample debian() {
    return new Sample(
        "debian",
        "hull.local/debian:12",
        Kind.ON_BASE,
        List.of("procps", "iproute2"),
        Map.of(),
        Map.of(),
        config(List.of("bash"), Optional.empty(), List.of()));
  }

  /**
   * As the image of this name that everybody knows: same folder, same signal, logs to the output.
   */
  private static Sample nginx() {
    return new Sample(
        "nginx",
        "hull.local/nginx:12",
        Kind.ON_BASE,
        List.of("nginx-light"),
        Map.of(
            "etc/nginx/sites-available/default",
            """
            server {
              listen 80 default_server;
              server_name _;
              root /usr/share/nginx/html;
              index index.html;
            }
            """),
        Map.of(
            "var/log/nginx/access.log", "/dev/stdout",
            "var/log/nginx/error.log", "/dev/stderr"),
        config(List.of("nginx", "-g", "daemon off;"), Optional.of("SIGQUIT"), List.of("80/tcp")));
  }

  private static Sample redis() {
    return new Sample(
        "redis",
        "hull.local/redis:12",
        Kind.ON_BASE,
        List.of("redis-server", "redis-tools"),
        Map.of(),
        Map.of(),
        config(
            List.of(
                "redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--dir", "/data"),
            Optional.of("SIGTERM"),
            List.of("6379/tcp")));
  }

  /** As Debian has it, but with its folders in one place, as the well-known image. */
  private static Sample tomcat() {
    return new Sample(
        "tomcat",
        "hull.local/tomcat:12",
        Kind.ON_BASE,
        List.of("openjdk-17-jre-headless", "tomcat10"),
        Map.of(
            "usr/local/bin/tomcat",
            """
            #!/bin/sh
            export CATALINA_HOME=/usr/share/tomcat10 CATALINA_BASE=/var/lib/tomcat10
            export JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64 CATALINA_TMPDIR=/tmp
            exec /usr/share/tomcat10/bin/catalina.sh run
            """),
        Map.of("var/lib/tomcat10/logs", "/tmp"),
        config(
            List.of("sh", "/usr/local/bin/tomcat"), Optional.of("SIGTERM"), List.of("8080/tcp")));
  }

  private static Sample busybox() {
    return alone("busybox", Kind.ALONE);
  }

  /** Nothing but a web application, and what copies it. */
  private static Sample war() {
    return alone("war", Kind.WITH_WAR);
  }

  private static Sample alone(String name, Kind kind) {
    Map<String, String> links = new TreeMap<>();
    APPLETS.forEach(applet -> links.put("bin/" + applet, "busybox"));
    return new Sample(
        name,
        "hull.local/" + name + ":12",
        kind,
        List.of("busybox-static"),
        Map.of(),
        links,
        config(List.of("sh"), Optional.empty(), List.of()));
  }

  private static Image.Config config(
      List<String> command, Optional<String> stopSignal, List<String> ports) {
    boolean service = stopSignal.isPresent();
    return new Image.Config(
        "",
        ENVIRONMENT,
        service ? command : List.of(),
        service ? List.of() : command,
        "",
        stopSignal,
        List.of(),
        ports,
        Map.of());
  }
}
