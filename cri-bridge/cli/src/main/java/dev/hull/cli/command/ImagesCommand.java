package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.terminal.Amounts;
import dev.hull.cli.terminal.Table;
import dev.hull.cri.v1.Image;
import dev.hull.cri.v1.ListImagesRequest;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** hull images. */
@Command(name = "images", description = "List the images that are here.")
final class ImagesCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin OutputOption output = new OutputOption();

  ImagesCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (Cri cri = daemon.connect(context)) {
      List<Image> images =
          cri.images(Cri.QUICK, stub -> stub.listImages(ListImagesRequest.getDefaultInstance()))
              .getImagesList();
      if (output.json()) {
        context.terminal().out().println(OutputOption.render(json(images)));
      } else {
        context.terminal().out().print(table(images));
      }
      return ExitCodes.OK;
    }
  }

  private static String table(List<Image> images) {
    Table table = new Table("IMAGE", "IMAGE ID", "SIZE");
    for (Image image : images) {
      List<String> names =
          image.getRepoTagsCount() > 0 ? image.getRepoTagsList() : image.getRepoDigestsList();
      for (String name : names.isEmpty() ? List.of("<none>") : names) {
        table.row(name, Lookup.shortId(image.getId()), Amounts.bytes(image.getSize()));
      }
    }
    return table.render();
  }

  private static JsonObject json(List<Image> images) {
    JsonArray items = new JsonArray();
    for (Image image : images) {
      JsonObject item = new JsonObject();
      item.addProperty("id", image.getId());
      item.add("tags", array(image.getRepoTagsList()));
      item.add("digests", array(image.getRepoDigestsList()));
      item.addProperty("sizeBytes", image.getSize());
      item.addProperty("pinned", image.getPinned());
      items.add(item);
    }
    JsonObject root = new JsonObject();
    root.add("images", items);
    return root;
  }

  private static JsonArray array(List<String> strings) {
    JsonArray array = new JsonArray();
    strings.forEach(array::add);
    return array;
  }
}
