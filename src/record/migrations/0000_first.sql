CREATE TABLE "analyses" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"study_instance_uid" text NOT NULL,
	"sop_instance_uid" text NOT NULL,
	"revision" integer NOT NULL,
	"model_name" text NOT NULL,
	"model_version" text NOT NULL,
	"model_key" text NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"first_started_at" timestamp with time zone,
	"lease_until" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"provider" text,
	"timings" jsonb,
	CONSTRAINT "analyses_once" UNIQUE("sop_instance_uid","revision","model_key")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"sop_instance_uid" text NOT NULL,
	"study_instance_uid" text NOT NULL,
	"destination" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"next_attempt_at" timestamp with time zone NOT NULL,
	"delivered_at" timestamp with time zone,
	"last_answer" text,
	CONSTRAINT "deliveries_once" UNIQUE("sop_instance_uid","destination")
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"analysis_id" bigint NOT NULL,
	"ordinal" integer NOT NULL,
	"label" text NOT NULL,
	"code" jsonb NOT NULL,
	"site" jsonb,
	"score" real NOT NULL,
	"present" boolean NOT NULL,
	"region" jsonb,
	CONSTRAINT "findings_analysis_id_ordinal_pk" PRIMARY KEY("analysis_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "instances" (
	"sop_instance_uid" text PRIMARY KEY NOT NULL,
	"study_instance_uid" text NOT NULL,
	"series_instance_uid" text NOT NULL,
	"sop_class_uid" text NOT NULL,
	"transfer_syntax_uid" text NOT NULL,
	"origin" text NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"header" jsonb NOT NULL,
	"reasons" jsonb NOT NULL,
	"received_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "results" (
	"sop_instance_uid" text PRIMARY KEY NOT NULL,
	"study_instance_uid" text NOT NULL,
	"kind" text NOT NULL,
	"source_sop_instance_uid" text,
	"report_key" text NOT NULL,
	"instance_number" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "series" (
	"series_instance_uid" text PRIMARY KEY NOT NULL,
	"study_instance_uid" text NOT NULL,
	"attributes" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "studies" (
	"study_instance_uid" text PRIMARY KEY NOT NULL,
	"attributes" jsonb NOT NULL,
	"state" text NOT NULL,
	"priority" smallint DEFAULT 2 NOT NULL,
	"first_received_at" timestamp with time zone NOT NULL,
	"last_received_at" timestamp with time zone NOT NULL,
	"settle_due_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone,
	"reported_at" timestamp with time zone,
	"report_key" text
);
--> statement-breakpoint
ALTER TABLE "analyses" ADD CONSTRAINT "analyses_sop_instance_uid_instances_sop_instance_uid_fk" FOREIGN KEY ("sop_instance_uid") REFERENCES "public"."instances"("sop_instance_uid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_sop_instance_uid_results_sop_instance_uid_fk" FOREIGN KEY ("sop_instance_uid") REFERENCES "public"."results"("sop_instance_uid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_analysis_id_analyses_id_fk" FOREIGN KEY ("analysis_id") REFERENCES "public"."analyses"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "instances_study_instance_uid_studies_study_instance_uid_fk" FOREIGN KEY ("study_instance_uid") REFERENCES "public"."studies"("study_instance_uid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "instances_series_instance_uid_series_series_instance_uid_fk" FOREIGN KEY ("series_instance_uid") REFERENCES "public"."series"("series_instance_uid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "results" ADD CONSTRAINT "results_sop_instance_uid_instances_sop_instance_uid_fk" FOREIGN KEY ("sop_instance_uid") REFERENCES "public"."instances"("sop_instance_uid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "series" ADD CONSTRAINT "series_study_instance_uid_studies_study_instance_uid_fk" FOREIGN KEY ("study_instance_uid") REFERENCES "public"."studies"("study_instance_uid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "analyses_of_study" ON "analyses" USING btree ("study_instance_uid");--> statement-breakpoint
CREATE INDEX "analyses_due" ON "analyses" USING btree ("state","lease_until");--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("state","next_attempt_at");--> statement-breakpoint
CREATE INDEX "deliveries_of_study" ON "deliveries" USING btree ("study_instance_uid");--> statement-breakpoint
CREATE INDEX "instances_of_study" ON "instances" USING btree ("study_instance_uid");--> statement-breakpoint
CREATE INDEX "instances_of_series" ON "instances" USING btree ("series_instance_uid");--> statement-breakpoint
CREATE INDEX "results_of_study" ON "results" USING btree ("study_instance_uid");--> statement-breakpoint
CREATE INDEX "series_of_study" ON "series" USING btree ("study_instance_uid");--> statement-breakpoint
CREATE INDEX "studies_due" ON "studies" USING btree ("state","settle_due_at");--> statement-breakpoint
CREATE INDEX "studies_newest" ON "studies" USING btree ("last_received_at");