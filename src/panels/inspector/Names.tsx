/** Who answers for which name, on which network, and in which order now. */
import { HOST_TERMINAL } from "../../session/workbench.ts";
import { useWorkbench } from "../context.ts";
import { LiveTable } from "./LiveTable.tsx";
import { Acts, Quiet, Section } from "./parts.tsx";
import { namesOn, orderActs } from "./read/container.ts";
import { useSay } from "./useLive.ts";

export function Names({ networks }: { readonly networks: readonly string[] }) {
  const say = useSay();
  const { engine } = useWorkbench();
  const rows = namesOn(engine, networks);
  const several = rows.some((row) => row.addresses.length > 1);
  return (
    <Section id="names" title={say("names.title")} count={rows.length}>
      {() => (
        <>
          <Quiet>{say("names.server")}</Quiet>
          <LiveTable
            label={say("names.title")}
            columns={[say("names.name"), say("names.answer")]}
            items={rows}
            keyOf={(row) => `${row.networkId} ${row.name}`}
            textOf={(row) => `${row.name} ${row.addresses.join(" ")} ${row.owners.join(" ")}`}
            empty={say("names.none")}
            cells={(row) => [
              <span key="name" className="mono">
                {row.name}
                {networks.length > 1 && <span className="quiet"> {row.network}</span>}
              </span>,
              <ol key="answer" className="mono insp-lines">
                {row.addresses.map((address, i) => (
                  <li key={address}>
                    {address} <span className="quiet">{row.owners[i] === row.name ? "" : row.owners[i]}</span>
                  </li>
                ))}
              </ol>,
            ]}
          />
          {several && (
            <>
              <Quiet>{say(engine.dnsOrder === "shuffle" ? "names.shuffled" : "names.inTurn")}</Quiet>
              <Acts acts={orderActs(engine, HOST_TERMINAL)} />
            </>
          )}
        </>
      )}
    </Section>
  );
}
