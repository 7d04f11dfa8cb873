package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.ibatis.datasource.pooled.PooledDataSource;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.ProcessEngineConfiguration;
import org.operaton.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.operaton.bpm.engine.impl.persistence.StrongUuidGenerator;
import org.operaton.bpm.engine.impl.util.ClockUtil;

/** Verbs around a real Operaton engine; run without arguments for the usage. */
public class Main {

  static final ObjectMapper JSON = new ObjectMapper();

  /** The fixed clock: scenarios are set up at T0, operations applied a day later, instances carried on a day after. */
  static final Instant T0 = Instant.parse("2030-01-01T10:00:00Z");
  static final Instant T_APPLY = T0.plus(Duration.ofDays(1));
  static final Instant T_CARRY_ON = T0.plus(Duration.ofDays(2));

  static final String USAGE = """
      java -jar peer.jar VERB --url JDBC_URL [--engine JSON] [...]
        schema                                   create the tables
        setup SCENARIO.json --models DIR         answers with the operation, its references resolved
        apply OPERATION.json [--batch [--tolerant [--reverse]] | --create-only]
        delete-batches                           removes all of the engine's batches and leaves their history
        carry-on [--events-first]
        query KIND QUESTIONS.json                answers with the ids that each question finds (Questions)
        model DIR                                answers with what the engine reads out of the models in a folder (Models)
        plans QUESTIONS.json                     answers with the migration plans between models (Plans)
        evaluate QUESTIONS.json                  answers with the value of each expression (Models)
        live STOCK.json --prepare-only --models DIR
                                                 the instances that an engine at work finds (LiveStock)
        live [--until FILE] [--limit SECONDS]    an engine at work until nothing is left, or the file is there (Live)
        bench TYPE N [--settings default|tuned] [--reuse | --prepare-only] [--limit SECONDS] --models DIR
        execute                                  runs with the job executor on until stdin ends; says so once it does
        shell                                    one such command (a JSON array of words) a line on stdin, one JSON line an answer
      JDBC_URL e.g. jdbc:postgresql://127.0.0.1:54329/db?user=postgres
      --engine {"history":"audit","timeZone":"Europe/Berlin", ...}: what a scenario says of its engine (Settings)
      --clock INSTANT overrides the verb's fixed clock""";

  public static void main(String[] argv) throws Exception {
    if (argv.length == 0) {
      System.err.println(USAGE);
      System.exit(2);
    }
    if (argv[0].equals("shell")) {
      var in = new BufferedReader(new InputStreamReader(System.in));
      for (String line; (line = in.readLine()) != null; ) {
        if (!line.isBlank()) {
          System.out.println(answer(JSON.readValue(line, String[].class)));
          System.out.flush();
        }
      }
      return;
    }
    if (argv[0].equals("execute")) {
      var args = new Args(argv);
      Executor.run(args.option("url", null), Settings.of(args.option("engine", "{}")));
      return;
    }
    ObjectNode answer = answer(argv);
    System.out.println(answer);
    System.exit(answer.has("error") ? 1 : 0);
  }

  static ObjectNode answer(String[] argv) {
    ObjectNode out = JSON.createObjectNode().put("verb", argv[0]);
    try {
      run(new Args(argv), out);
    } catch (Throwable e) {
      out.putObject("error").put("type", e.getClass().getSimpleName()).put("message", e.getMessage());
      if (System.getenv("PEER_TRACE") != null) e.printStackTrace();
    } finally {
      ClockUtil.reset();
    }
    return out;
  }

  static void run(Args args, ObjectNode out) throws Exception {
    String url = args.option("url", null);
    if (url == null) throw new IllegalArgumentException("--url is needed");
    Settings settings = Settings.of(args.option("engine", "{}"));
    settings.setTimeZone();
    switch (args.word(0)) {
      case "schema" -> {
        clock(args, T0);
        var config = config(url);
        settings.configure(config);
        config.setDatabaseSchemaUpdate("true");
        config.buildProcessEngine().close();
      }
      case "setup" -> {
        JsonNode scenario = JSON.readTree(Files.readString(Path.of(args.word(1))));
        with(url, args, settings, T0, engine ->
            out.set("operation", new Setup(engine, Path.of(args.option("models", "."))).run(scenario)));
      }
      case "apply" -> {
        JsonNode operation = JSON.readTree(Files.readString(Path.of(args.word(1))));
        with(url, args, settings, T_APPLY, engine -> {
          var work = new Operation(engine, operation);
          if (args.flag("create-only")) work.createOnly();
          else if (args.flag("tolerant")) work.applyTolerantly(args.flag("reverse"), out);
          else work.apply(args.flag("batch"), out);
        });
      }
      case "delete-batches" -> with(url, args, settings, T_APPLY, engine -> {
        var management = engine.getManagementService();
        management.createBatchQuery().list().forEach(batch -> management.deleteBatch(batch.getId(), false));
      });
      case "suspend-batches" -> with(url, args, settings, T_APPLY, engine -> {
        var management = engine.getManagementService();
        management.createBatchQuery().list().forEach(batch -> management.suspendBatchById(batch.getId()));
      });
      case "carry-on" -> with(url, args, settings, T_CARRY_ON, engine -> new CarryOn(engine, url, args.flag("events-first")).run(out));
      case "query" -> {
        JsonNode questions = JSON.readTree(Files.readString(Path.of(args.word(2))));
        with(url, args, settings, T0, engine -> out.set("answers", new Questions(engine).ask(args.word(1), questions)));
      }
      case "model" -> with(url, args, settings, T0, engine -> out.set("models", new Models(engine).read(Path.of(args.word(1)))));
      case "plans" -> {
        JsonNode questions = JSON.readTree(Files.readString(Path.of(args.word(1))));
        with(url, args, settings, T0, engine -> out.set("answers", new Plans(engine).make(questions)));
      }
      case "evaluate" -> {
        JsonNode questions = JSON.readTree(Files.readString(Path.of(args.word(1))));
        with(url, args, settings, T0, engine -> out.set("answers", new Models(engine).evaluate(questions)));
      }
      case "bench" -> new Bench(url, args).run(out);
      case "live" -> new Live(url, args).run(out);
      default -> throw new IllegalArgumentException("no such verb: " + args.word(0));
    }
  }

  interface Work { void on(ProcessEngine engine) throws Exception; }

  /** An engine for these settings, and the database that it is at; building one takes longer than most verbs. */
  private record Kept(ProcessEngine engine, PooledDataSource database) { }

  private static final Map<JsonNode, Kept> ENGINES = new HashMap<>();

  private static Kept engine(String url, Settings settings) {
    var database = new PooledDataSource("org.postgresql.Driver", url, "", "");
    var config = config(url);
    config.setDataSource(database);
    settings.configure(config);
    return new Kept(config.buildProcessEngine(), database);
  }

  static void with(String url, Args args, Settings settings, Instant defaultClock, Work work) throws Exception {
    clock(args, defaultClock);
    var kept = ENGINES.computeIfAbsent(settings.given(), given -> engine(url, settings));
    kept.database.setUrl(url);
    try {
      work.on(kept.engine);
    } finally {
      kept.database.forceCloseAll(); // or the database could not be copied
    }
  }

  static void clock(Args args, Instant instant) {
    ClockUtil.setCurrentTime(Date.from(Instant.parse(args.option("clock", instant.toString()))));
  }

  /** History full and not cleaned up, no job executor, no metrics, random ids, no tenant checks: what the differential tests run with. */
  static ProcessEngineConfigurationImpl config(String url) {
    var config = (ProcessEngineConfigurationImpl) ProcessEngineConfiguration.createStandaloneProcessEngineConfiguration();
    config.setProcessEngineName("peer");
    config.setJdbcDriver("org.postgresql.Driver");
    config.setJdbcUrl(url);
    config.setJdbcUsername("");
    config.setJdbcPassword("");
    config.setDatabaseSchemaUpdate("false");
    config.setHistory(ProcessEngineConfiguration.HISTORY_FULL);
    config.setEnforceHistoryTimeToLive(false);
    config.setHostname("peer");
    config.setIdGenerator(new StrongUuidGenerator());
    config.setJobExecutorActivate(false);
    config.setTenantCheckEnabled(false);
    config.setHistoryCleanupEnabled(false); // its jobs are written, and logged, by whichever engine comes first
    config.setMetricsEnabled(false);
    config.setDbMetricsReporterActivate(false);
    config.setTaskMetricsEnabled(false);
    config.setCustomPostVariableSerializers(List.of(new JsonObjects()));
    return config;
  }

  /** Words, --name value options and --name flags. */
  static class Args {
    private static final List<String> FLAGS = List.of("batch", "create-only", "tolerant", "reverse", "events-first", "reuse", "prepare-only");
    private final List<String> words = new ArrayList<>();
    private final Map<String, String> options = new HashMap<>();

    Args(String[] argv) {
      for (int i = 0; i < argv.length; i++) {
        if (!argv[i].startsWith("--")) words.add(argv[i]);
        else if (FLAGS.contains(argv[i].substring(2))) options.put(argv[i].substring(2), "true");
        else if (i + 1 < argv.length) options.put(argv[i].substring(2), argv[++i]);
        else throw new IllegalArgumentException(argv[i] + " needs a value");
      }
    }

    String word(int i) {
      if (i >= words.size()) throw new IllegalArgumentException("too few words\n" + USAGE);
      return words.get(i);
    }

    String option(String name, String otherwise) { return options.getOrDefault(name, otherwise); }

    boolean flag(String name) { return options.containsKey(name); }
  }
}
