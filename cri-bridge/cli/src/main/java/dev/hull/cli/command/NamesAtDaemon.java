package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ListImagesRequest;
import dev.hull.cri.v1.PodSandbox;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names that a daemon knows. Where none answers, or not in time, there are none. */
final class NamesAtDaemon implements Completion.Names {
  private final Context context;
  private final DaemonOption daemon;

  NamesAtDaemon(Context context, DaemonOption daemon) {
    this.context = context;
    this.daemon = daemon;
  }

  /** A name that several namespaces have is told with its namespace. */
  @Override
  public List<String> pods() {
    return asked(
        cri -> {
          List<PodSandbox> pods = new Lookup(cri).pods();
          var count =
              pods.stream()
                  .collect(
                      Collectors.groupingBy(
                          pod -> pod.getMetadata().getName(), Collectors.counting()));
          return pods.stream()
              .map(PodSandbox::getMetadata)
              .map(
                  pod ->
                      count.getOrDefault(pod.getName(), 0L) > 1
                          ? pod.getNamespace() + "/" + pod.getName()
                          : pod.getName())
              .toList();
        });
  }

  @Override
  public List<String> containers(String pod) {
    return asked(
        cri -> {
          Lookup lookup = new Lookup(cri);
          try {
            return lookup.containers(lookup.pod(pod)).stream()
                .map(Container::getMetadata)
                .map(metadata -> metadata.getName())
                .toList();
          } catch (UserException e) {
            return List.of();
          }
        });
  }

  @Override
  public List<String> images() {
    return asked(
        cri ->
            cri
                .images(Cri.QUICK, stub -> stub.listImages(ListImagesRequest.getDefaultInstance()))
                .getImagesList()
                .stream()
                .flatMap(image -> image.getRepoTagsList().stream())
                .toList());
  }

  @Override
  public List<String> namespaces() {
    return asked(
        cri ->
            new Lookup(cri).pods().stream().map(pod -> pod.getMetadata().getNamespace()).toList());
  }

  @Override
  public List<String> things(String kind, String namespace) {
    List<String> names = new ArrayList<>();
    try {
      Spool spool = daemon.spool(context);
      for (Thing thing : spool.list(Kinds.of(kind))) {
        if (thing.namespace().equals(namespace)) {
          names.add(thing.name());
        }
      }
    } catch (UserException | UncheckedIOException e) {
      return List.of();
    }
    return names;
  }

  private List<String> asked(Function<Cri, List<String>> question) {
    try (Cri cri = daemon.connect(context)) {
      return question.apply(cri);
    } catch (CriException e) {
      return List.of();
    }
  }
}
