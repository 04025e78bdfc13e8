package dev.hull.vm.journal;

import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.GuestContainer.User;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import dev.hull.vm.network.NetworkLease;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the records of one machine amount to. Not thread-safe: a machine's lock guards it. */
public final class History {
  private JournalRecord.Begun begun;
  private final SortedMap<Integer, DiskContent> disks = new TreeMap<>();
  private final Map<String, Container> containers = new LinkedHashMap<>();
  private JournalRecord.@Nullable NetworkPlanned network;
  private JournalRecord.@Nullable NetworkAcquired lease;
  private boolean scratch;
  private boolean share;
  private boolean domain;
  private JournalRecord.@Nullable Resized resized;
  private JournalRecord.@Nullable Started started;
  private JournalRecord.@Nullable Stopping stopping;
  private boolean stopped;
  private boolean removing;

  History(JournalRecord.Begun begun) {
    this.begun = begun;
  }

  /** A container that was planned and not removed. */
  public static final class Container {
    private JournalRecord.ContainerPlanned planned;
    private JournalRecord.@Nullable ContainerCreated created;
    private JournalRecord.@Nullable ContainerStarted started;
    private State.@Nullable Exited exited;
    private boolean removing;

    private Container(JournalRecord.ContainerPlanned planned) {
      this.planned = planned;
    }

    /** As it was planned, with the limits that it got since. */
    public JournalRecord.ContainerPlanned planned() {
      return planned;
    }

    private void update(JournalRecord.ContainerUpdated updated) {
      planned =
          new JournalRecord.ContainerPlanned(
              planned.spec().withLimits(updated.resources(), updated.oomScoreAdj()),
              updated.note(),
              planned.diskUnit(),
              planned.volumes());
    }

    /** Empty if the process ended before the agent had made it. */
    public Optional<State> state() {
      if (exited != null) {
        return Optional.of(exited);
      }
      if (created == null) {
        return Optional.empty();
      }
      return Optional.of(
          started == null
              ? new State.Created(created.at())
              : new State.Running(created.at(), started.at(), started.guestPid()));
    }

    /** Who its first process is; empty before it was started. */
    public Optional<User> user() {
      return started == null ? Optional.empty() : started.user();
    }

    public boolean removing() {
      return removing;
    }
  }

  public MachineSpec spec() {
    return begun.spec();
  }

  /** What has been asked for, with what was asked for since. */
  public MachineSize wantedSize() {
    return resized == null ? spec().size() : resized.wanted();
  }

  /** What the machine may have. */
  public MachineSize size() {
    return resized == null ? spec().size() : resized.size();
  }

  public byte[] note() {
    return begun.note().toByteArray();
  }

  /** Present if there may be something of the network to release. */
  public Optional<String> networkConfiguration() {
    return Optional.ofNullable(network).map(JournalRecord.NetworkPlanned::configuration);
  }

  public Optional<NetworkLease> lease() {
    return Optional.ofNullable(lease).map(JournalRecord.NetworkAcquired::lease);
  }

  public boolean sharePlanned() {
    return share;
  }

  public boolean domainPlanned() {
    return domain;
  }

  /** When it began to run; empty for one whose start was not completed. */
  public Optional<Instant> startedAt() {
    return Optional.ofNullable(started).map(JournalRecord.Started::at);
  }

  /** By unit. */
  public SortedMap<Integer, DiskContent> disks() {
    return new TreeMap<>(disks);
  }

  /** In the order of their creation. */
  public List<Container> containers() {
    return List.copyOf(containers.values());
  }

  public Optional<Container> container(String id) {
    return Optional.ofNullable(containers.get(id));
  }

  public Optional<JournalRecord.Stopping> stopping() {
    return Optional.ofNullable(stopping);
  }

  public boolean stopped() {
    return stopped;
  }

  public boolean removing() {
    return removing;
  }

  /** Throws IllegalArgumentException for a record that cannot come here. */
  void apply(JournalRecord record) {
    switch (record) {
      case JournalRecord.Begun r -> throw new IllegalArgumentException("a machine begins once");
      case JournalRecord.Assigned r -> assign(r);
      case JournalRecord.NetworkPlanned r -> network = r;
      case JournalRecord.NetworkAcquired r -> lease = r;
      case JournalRecord.ScratchPlanned r -> scratch = true;
      case JournalRecord.SharePlanned r -> share = true;
      case JournalRecord.DomainPlanned r -> domain = true;
      case JournalRecord.Resized r -> resized = r;
      case JournalRecord.Started r -> started = r;
      case JournalRecord.DiskPlanned r -> disks.put(r.unit(), r.content());
      case JournalRecord.DiskReleased r -> disks.remove(r.unit());
      case JournalRecord.ContainerPlanned r -> containers.put(r.spec().id(), new Container(r));
      case JournalRecord.ContainerCreated r -> demand(r.containerId()).created = r;
      case JournalRecord.ContainerStarted r -> demand(r.containerId()).started = r;
      case JournalRecord.ContainerUpdated r -> demand(r.containerId()).update(r);
      case JournalRecord.ContainerExited r -> exit(demand(r.containerId()), r.state());
      case JournalRecord.ContainerRemoving r -> demand(r.containerId()).removing = true;
      case JournalRecord.ContainerRemoved r -> containers.remove(r.containerId());
      case JournalRecord.Stopping r -> stopping = r;
      case JournalRecord.Stopped r -> stopped = true;
      case JournalRecord.Removing r -> removing = true;
    }
  }

  private void assign(JournalRecord.Assigned assigned) {
    if (started != null || !assigned.spec().id().equals(begun.spec().id())) {
      throw new IllegalArgumentException("only a spare machine can be assigned, and keeps its id");
    }
    begun = new JournalRecord.Begun(assigned.spec(), assigned.note());
    resized = null;
  }

  private static void exit(Container container, State.Exited state) {
    container.exited =
        new State.Exited(
            container.created == null ? Instant.EPOCH : container.created.at(),
            state.startedAt(),
            state.finishedAt(),
            state.exitCode(),
            state.oomKilled(),
            state.message());
  }

  private Container demand(String id) {
    Container container = containers.get(id);
    if (container == null) {
      throw new IllegalArgumentException("a record of a container that was not planned: " + id);
    }
    return container;
  }

  /** The fewest records that amount to the same. */
  List<JournalRecord> records() {
    List<JournalRecord> records = new ArrayList<>();
    records.add(begun);
    add(records, network);
    add(records, lease);
    add(records, scratch ? new JournalRecord.ScratchPlanned() : null);
    add(records, share ? new JournalRecord.SharePlanned() : null);
    add(records, domain ? new JournalRecord.DomainPlanned() : null);
    add(records, resized);
    add(records, started);
    disks.forEach((unit, content) -> records.add(new JournalRecord.DiskPlanned(unit, content)));
    containers.forEach(
        (id, container) -> {
          records.add(container.planned);
          add(records, container.created);
          add(records, container.started);
          if (container.exited != null) {
            records.add(new JournalRecord.ContainerExited(id, container.exited));
          }
          add(records, container.removing ? new JournalRecord.ContainerRemoving(id) : null);
        });
    add(records, stopping);
    add(records, stopped ? new JournalRecord.Stopped() : null);
    add(records, removing ? new JournalRecord.Removing() : null);
    return records;
  }

  private static void add(List<JournalRecord> records, @Nullable JournalRecord record) {
    if (record != null) {
      records.add(record);
    }
  }
}
