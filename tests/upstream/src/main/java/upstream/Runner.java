package upstream;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.Request;
import org.junit.runner.manipulation.Filter;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

/** Arguments: a file with one CLASS or CLASS#METHOD a line, and the file that gets one JSON line a test. */
public final class Runner {

  private static final Gson JSON = new GsonBuilder().serializeNulls().create();

  private Runner() {}

  public static void main(String[] arguments) throws Exception {
    List<Map.Entry<String, Set<String>>> selection = selection(Files.readAllLines(Path.of(arguments[0])));
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[1]), StandardCharsets.UTF_8))) {
      JUnitCore core = new JUnitCore();
      Listener listener = new Listener(out);
      core.addListener(listener);
      watch(listener);
      for (Map.Entry<String, Set<String>> each : selection) {
        run(core, listener, each.getKey(), each.getValue());
      }
    }
    System.exit(0); // Engines that tests left open keep threads alive.
  }

  /** Lines of one class that follow each other are one run of it. A class may come again later, with other methods. */
  private static List<Map.Entry<String, Set<String>>> selection(List<String> lines) {
    List<Map.Entry<String, Set<String>>> selection = new ArrayList<>();
    for (String line : lines) {
      String[] parts = line.split("#", 2);
      if (selection.isEmpty() || !selection.get(selection.size() - 1).getKey().equals(parts[0])) {
        selection.add(Map.entry(parts[0], new LinkedHashSet<>()));
      }
      if (parts.length == 2) {
        selection.get(selection.size() - 1).getValue().add(parts[1]);
      }
    }
    return selection;
  }

  /** A foreign engine can leave a test waiting for ever; support.upstream.java goes on in a fresh JVM when this one ends with 3. */
  private static void watch(Listener listener) {
    long limit = Integer.getInteger("rig.test.timeout", 180) * 1_000_000_000L;
    Thread watchdog = new Thread(() -> {
      while (!listener.isRunningLongerThan(limit)) {
        try {
          Thread.sleep(1000);
        } catch (InterruptedException e) {
          return;
        }
      }
      listener.write(Recorder.current(), "failed", limit / 1e9, "hung");
      Runtime.getRuntime().halt(3);
    }, "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
  }

  private static void run(JUnitCore core, Listener listener, String className, Set<String> methods) {
    try {
      Request request = Request.aClass(Class.forName(className));
      core.run(methods.isEmpty() ? request : request.filterWith(new Methods(methods)));
    } catch (Throwable cannotLoad) {
      listener.write(new Recorder.Record(className, null), "failed", 0, firstLine(cannotLoad));
    }
  }

  /** Method names without the parameters' suffix, which is not the same in every run. */
  private static final class Methods extends Filter {
    private final Set<String> names;

    Methods(Set<String> names) {
      this.names = names;
    }

    @Override
    public boolean shouldRun(Description description) {
      return description.isSuite()
          ? description.getChildren().stream().anyMatch(this::shouldRun)
          : names.contains(description.getMethodName().replaceAll("\\[.*", ""));
    }

    @Override
    public String describe() {
      return names.toString();
    }
  }

  private static final class Listener extends RunListener {
    private final PrintWriter out;
    private String status;
    private String exception;
    private volatile long start;
    private volatile boolean running;

    Listener(PrintWriter out) {
      this.out = out;
    }

    boolean isRunningLongerThan(long nanoseconds) {
      return running && System.nanoTime() - start > nanoseconds;
    }

    @Override
    public void testStarted(Description description) {
      Recorder.begin(description.getClassName(), description.getMethodName());
      status = "passed";
      exception = null;
      start = System.nanoTime();
      running = true;
    }

    @Override
    public void testFailure(Failure failure) {
      if (!running) { // In a static method or rule of the class.
        write(new Recorder.Record(failure.getDescription().getClassName(), null), "failed", 0,
            firstLine(failure.getException()));
      } else if (!"failed".equals(status)) {
        status = "failed";
        exception = firstLine(failure.getException());
      }
    }

    @Override
    public void testAssumptionFailure(Failure failure) {
      if (running && "passed".equals(status)) {
        status = "skipped";
        exception = firstLine(failure.getException());
      }
    }

    @Override
    public void testIgnored(Description description) {
      write(new Recorder.Record(description.getClassName(), description.getMethodName()), "skipped", 0, "ignored");
    }

    @Override
    public void testFinished(Description description) {
      Recorder.Record record = Recorder.current();
      if (record.broken != null) {
        status = "failed";
        exception = "broken: " + record.broken;
      } else if (record.unsupported != null) {
        status = "unsupported";
        exception = record.unsupported;
      }
      write(record, status, (System.nanoTime() - start) / 1e9, exception);
      running = false;
    }

    void write(Recorder.Record record, String status, double seconds, String exception) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("class", record.className);
      line.put("method", record.method);
      line.put("status", status);
      line.put("seconds", Math.round(seconds * 1000) / 1000.0);
      line.put("exception", exception);
      line.put("operations", record.operations);
      line.put("around", record.around);
      line.put("commands", record.commands);
      line.put("refused", record.refused);
      line.put("other_database", record.otherDatabase);
      line.put("jvm_calls", record.jvmCalls);
      line.put("expressions", record.expressions);
      line.put("extensions", record.extensions);
      out.println(JSON.toJson(line));
      out.flush();
    }
  }

  private static String firstLine(Throwable thrown) {
    String text = thrown.toString().strip().lines().findFirst().orElse("");
    return text.length() > 300 ? text.substring(0, 300) : text;
  }
}
