import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.Set;

/** Serves MongoDB's protocol: Launch PORT FILE. Every write that was answered is in the file. */
public class Launch {
    static final Set<String> WRITES = Set.of("insert", "update", "delete", "findAndModify", "findandmodify",
        "create", "createIndexes", "drop", "dropDatabase", "dropIndexes", "renameCollection");

    public static void main(String[] arguments) throws Exception {
        H2Backend backend = new Committing(arguments[1]);
        // What drivers of today agree to talk to.
        backend.version(new MongoVersion() {
            public List<Integer> getVersionArray() { return List.of(7, 0, 0); }
            public int getWireVersion() { return 21; }
        });
        new MongoServer(backend).bind("127.0.0.1", Integer.parseInt(arguments[0]));
    }

    /** Without a commit, a second of answered writes goes with the process. */
    static class Committing extends H2Backend {
        Committing(String file) { super(file); }

        @Override public Document handleMessage(MongoMessage message) {
            Document answer = super.handleMessage(message);
            if (message.getDocument().keySet().stream().anyMatch(WRITES::contains)) commit();
            return answer;
        }
    }
}
