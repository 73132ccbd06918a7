import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the roles share: settings, lines in and out. driver.py says what they mean. */
final class Frame {
  /** Carries out a command; what it returns is the answer. */
  interface Command {
    List<?> run(String[] arguments) throws Exception;
  }

  private static final BufferedReader INPUT =
      new BufferedReader(new InputStreamReader(System.in));

  private Frame() {}

  static Map<String, String> pairs(String[] arguments, int from) {
    Map<String, String> pairs = new HashMap<>();
    for (String argument : Arrays.copyOfRange(arguments, from, arguments.length)) {
      int equals = argument.indexOf('=');
      pairs.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return pairs;
  }

  static synchronized void say(Object... fields) {
    System.out.println(Arrays.stream(fields)
        .map(field -> String.valueOf(field).replace('\n', ' '))
        .collect(Collectors.joining("\t")));
    System.out.flush();
  }

  /** Until the end of input; "send" has no answer. */
  static void serve(Map<String, Command> commands) throws Exception {
    for (String line = INPUT.readLine(); line != null; line = INPUT.readLine()) {
      String[] fields = line.split("\t");
      String[] arguments = Arrays.copyOfRange(fields, 1, fields.length);
      if (fields[0].equals("send")) {
        commands.get("send").run(arguments);
        continue;
      }
      try {
        List<?> answer = commands.get(fields[0]).run(arguments);
        say(java.util.stream.Stream.concat(java.util.stream.Stream.of("ok"), answer.stream())
            .toArray());
      } catch (Exception error) {
        say("error", error);
      }
    }
  }

  /** Calls stop, on another thread, when there is no more input. */
  static void atEndOfInput(Runnable stop) {
    Thread waiter = new Thread(() -> {
      try {
        while (INPUT.readLine() != null) {}
      } catch (java.io.IOException error) {
        // No more input either.
      }
      stop.run();
    });
    waiter.setDaemon(true);
    waiter.start();
  }
}
